import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { type SubscribeResponse, SubscribeResponseSchema } from "./contract.ts";
import { toConnectError } from "./http-error.ts";

/** How often the other end is asked whether it still lives, as a heartbeat in the other direction. */
const pingMs = 20_000;

/**
 * GET /v1/ws: what ChatService.Subscribe sends, a frame each. Ends only by throwing a ConnectError that says why: the close
 * code's, or the error frame's before it.
 */
export async function* readSocket(
  baseUrl: string,
  {
    token,
    cursor,
    signal,
    onControl,
  }: { token: string | undefined; cursor: string; signal: AbortSignal; onControl: () => void },
): AsyncGenerator<SubscribeResponse> {
  signal.throwIfAborted();
  const socket = new WebSocket(`${baseUrl.replace(/^http/, "ws")}/v1/ws`);
  const received = createQueue<SubscribeResponse>();
  // A dead connection may take minutes to close: whoever waits here must not.
  const giveUp = () => received.fail(ConnectError.from(signal.reason));
  const ping = setInterval(() => socket.readyState === WebSocket.OPEN && send(socket, { type: "ping" }), pingMs);
  let problem: ConnectError | undefined;
  socket.onopen = () => send(socket, { type: "auth", cursor, ...(token !== undefined && { token }) });
  socket.onmessage = ({ data }) => {
    const frame = readFrame(data);
    if (frame === undefined) return;
    if (typeof frame.type !== "string") return received.push(fromJson(SubscribeResponseSchema, frame, lenient));
    if (frame.type === "error") problem = toConnectError(0, JSON.stringify(frame.error ?? {}));
    if (frame.type === "ping") send(socket, { type: "pong" });
    onControl();
  };
  socket.onclose = ({ code }) => received.fail(problem ?? errorOfCode(code));
  signal.addEventListener("abort", giveUp);
  try {
    yield* received.values();
  } finally {
    signal.removeEventListener("abort", giveUp);
    clearInterval(ping);
    socket.close();
  }
}

const lenient = { ignoreUnknownFields: true };

function send(socket: WebSocket, frame: JsonObject): void {
  socket.send(JSON.stringify(frame));
}

function readFrame(data: unknown): JsonObject | undefined {
  try {
    const frame = JSON.parse(String(data)) as JsonObject | null;
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}

function errorOfCode(code: number): ConnectError {
  if (code === 4401) return new ConnectError("The session has ended.", Code.Unauthenticated);
  if (code === 4400) return new ConnectError("The socket was refused.", Code.InvalidArgument);
  if (code === 4408) {
    return new ConnectError("Too slow to follow.", Code.ResourceExhausted, undefined, [
      { desc: ErrorInfoSchema, value: { reason: "TOO_SLOW", domain: "lyceum" } },
    ]);
  }
  return new ConnectError("The connection was lost.", Code.Unavailable);
}

/** What was pushed, in order, and at last the failure. */
function createQueue<T>() {
  const waiting: T[] = [];
  let failure: Error | undefined;
  let wake = () => {};
  return {
    push(value: T) {
      waiting.push(value);
      wake();
    },
    fail(error: Error) {
      failure = error;
      wake();
    },
    async *values(): AsyncGenerator<T> {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as T;
        if (failure) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
