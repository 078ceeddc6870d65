import type { FeedFrame } from "@lyceum/service";

/** An unmasked text frame of the WebSocket protocol, whole (RFC 6455 §5.2). */
export function toWebSocketFrame(payload: Uint8Array): Buffer {
  const { length } = payload;
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headBytes + length);
  bytes[0] = finalText;
  if (headBytes === 2) bytes[1] = length;
  else if (headBytes === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  bytes.set(payload, headBytes);
  return bytes;
}

const finalText = 0x81;

/** A server-sent event (WHATWG HTML §9.2.6). JSON of one line needs no splitting. */
export function toServerSentEvent({ event, cursor, json }: FeedFrame): Buffer {
  const head = `${event ? `event: ${event}\n` : ""}${/^[^\r\n\0]+$/.test(cursor) ? `id: ${cursor}\n` : ""}data: `;
  return Buffer.concat([Buffer.from(head), json, Buffer.from("\n\n")]);
}

/** A line of JSON. */
export function toJsonLine({ json }: FeedFrame): Buffer {
  return Buffer.concat([json, Buffer.from("\n")]);
}
