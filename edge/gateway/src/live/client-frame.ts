import { isUtf8 } from "node:buffer";

/** What a client may say over a WebSocket. */
export type ClientFrame =
  | {
      readonly type: "auth";
      /** Undefined where the cookie of the handshake says who it is. */
      readonly token: string | undefined;
      readonly cursor: string;
    }
  | { readonly type: "ping" }
  | { readonly type: "pong" };

/** The largest frame of a client's. */
export const maxFrameBytes = 8 * 1024;

/** Reads a client's frame; undefined for anything that is none. */
export function readClientFrame(bytes: Buffer, isBinary: boolean): ClientFrame | undefined {
  if (isBinary || bytes.length > maxFrameBytes || !isUtf8(bytes)) return undefined;
  const frame = parseObject(bytes.toString());
  switch (frame?.type) {
    case "auth": {
      const { token, cursor = "" } = frame;
      const isToken = token === undefined || typeof token === "string";
      return isToken && typeof cursor === "string" ? { type: "auth", token, cursor } : undefined;
    }
    case "ping":
    case "pong":
      return { type: frame.type };
    default:
      return undefined;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
