import type { Socket } from "node:net";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/**
 * Reads the first bytes of a connection, puts them back and says which protocol they begin. A connection that says nothing
 * for `timeoutMs`, or ends before it can be told, is destroyed: then `found` gets undefined.
 */
export function sniffProtocol(
  socket: Socket,
  timeoutMs: number,
  found: (protocol: "h1" | "h2" | undefined) => void,
): void {
  let seen = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const onReadable = () => {
    for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read() as Buffer | null) {
      seen = Buffer.concat([seen, chunk]);
    }
    const length = Math.min(seen.length, preface.length);
    if (length === 0) return;
    if (!seen.subarray(0, length).equals(preface.subarray(0, length))) finish("h1");
    else if (length === preface.length) finish("h2");
  };
  const onGone = () => finish(undefined);
  const finish = (protocol: "h1" | "h2" | undefined) => {
    clearTimeout(timer);
    socket.off("readable", onReadable).off("end", onGone).off("close", onGone);
    if (!protocol) socket.destroy();
    else socket.unshift(seen);
    found(protocol);
  };
  socket.on("readable", onReadable).once("end", onGone).once("close", onGone);
}
