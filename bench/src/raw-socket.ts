import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A WebSocket as cheap as can be, so that what is measured is the server: it counts text frames that hold a word. */
export type RawSocket = {
  readonly socket: Socket;
  /** Frames that held the word, so far. */
  count(): number;
};

/** Opens one and sends a first frame; `onFrame` is called for every frame that holds `word`. */
export function openRawSocket(
  url: string,
  first: string | undefined,
  word: string,
  onFrame: () => void,
): Promise<RawSocket> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let rest: Buffer = Buffer.alloc(0);
    let open = false;
    let counted = 0;
    socket.once("error", reject);
    socket.once("connect", () => {
      const key = randomBytes(16).toString("base64");
      socket.write(
        `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      );
    });
    socket.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!open) {
        const end = rest.indexOf("\r\n\r\n");
        if (end < 0) return;
        if (!rest.toString("latin1").startsWith("HTTP/1.1 101"))
          return void socket.destroy(new Error(rest.toString("latin1")));
        open = true;
        rest = rest.subarray(end + 4);
        if (first !== undefined) socket.write(maskedFrame(first));
        resolve({ socket, count: () => counted });
      }
      for (let frame = readFrame(rest); frame; frame = readFrame(rest)) {
        rest = rest.subarray(frame.end);
        if (frame.payload.indexOf(word, 0, "latin1") < 0) continue;
        counted += 1;
        onFrame();
      }
    });
  });
}

/** A client's frame of less than 64 KiB (RFC 6455 §5.2). */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const long = payload.length > 125;
  const header = Buffer.alloc(long ? 8 : 6);
  header[0] = 0x81;
  header[1] = 0x80 | (long ? 126 : payload.length);
  if (long) header.writeUInt16BE(payload.length, 2);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([header, payload]);
}

function readFrame(bytes: Buffer): { payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] as number) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = start + length;
  return bytes.length < end ? undefined : { payload: bytes.subarray(start, end), end };
}
