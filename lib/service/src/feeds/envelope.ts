import { Code, ConnectError } from "@connectrpc/connect";

/** Marks the last envelope of a Connect stream, which says in JSON how it ended. */
export const endFlag = 0b10;

/** A message in the envelope of a Connect stream: a byte of flags, the length in four bytes, the message. */
export function toEnvelope(payload: Uint8Array, flags = 0): Buffer {
  const bytes = Buffer.allocUnsafe(5 + payload.length);
  bytes[0] = flags;
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, 5);
  return bytes;
}

/** One envelope of a stream. */
export type Envelope = { readonly flags: number; readonly payload: Buffer };

/** Takes bytes as they come and answers the envelopes that are whole. Throws `resource_exhausted` past `maxBytes` for one. */
export function createEnvelopeReader(maxBytes: number): (chunk: Buffer) => Envelope[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole: Envelope[] = [];
    let at = 0;
    while (rest.length - at >= 5) {
      const length = rest.readUInt32BE(at + 1);
      if (length > maxBytes) throw tooLarge(length, maxBytes);
      if (rest.length - at < 5 + length) break;
      whole.push({ flags: rest[at] as number, payload: rest.subarray(at + 5, at + 5 + length) });
      at += 5 + length;
    }
    rest = rest.subarray(at);
    return whole;
  };
}

const tooLarge = (length: number, maxBytes: number) =>
  new ConnectError(`An envelope has ${length} bytes, more than ${maxBytes}.`, Code.ResourceExhausted);
