import { connect, type Socket } from "node:net";

/** Makes unary Connect calls in JSON as cheaply as can be, so that what is measured is the server. */
export type Caller = Disposable & {
  /** Calls `rpc`, `<service>/<method>`, on a connection that is free or a new one; fails unless it is answered with 200. */
  call(rpc: string, token: string, body: object): Promise<void>;
};

type Connection = { readonly socket: Socket; settle: (error: Error | undefined) => void };

export function openCaller(url: string): Caller {
  const { hostname, port, host } = new URL(url);
  const free: Connection[] = [];
  const all = new Set<Socket>();

  const open = () => {
    const socket = connect(Number(port), hostname);
    const connection: Connection = { socket, settle: () => {} };
    let rest: Buffer = Buffer.alloc(0);
    all.add(socket);
    socket.setNoDelay();
    socket.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!isWhole(rest)) return;
      const status = rest.toString("latin1", 9, 12);
      rest = Buffer.alloc(0);
      free.push(connection);
      connection.settle(status === "200" ? undefined : new Error(`status ${status}`));
    });
    socket.on("error", (error) => connection.settle(error));
    socket.on("close", () => connection.settle(new Error("The connection was closed.")));
    return connection;
  };

  return {
    call: (rpc, token, body) =>
      new Promise((resolve, reject) => {
        const connection = free.pop() ?? open();
        connection.settle = (error) => (error ? reject(error) : resolve());
        const text = JSON.stringify(body);
        connection.socket.write(
          `POST /${rpc} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${
            token && `Authorization: Bearer ${token}\r\n`
          }Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
        );
      }),
    [Symbol.dispose]() {
      for (const socket of all) socket.destroy();
    },
  };
}

/** True once an answer (RFC 9112) is there to its end. */
function isWhole(answer: Buffer): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.toString("latin1", 0, end))?.[1];
  // Without a length it is chunked, and the last chunk is empty.
  return length === undefined ? answer.subarray(-5).equals(lastChunk) : answer.length >= end + 4 + Number(length);
}

const lastChunk = Buffer.from("0\r\n\r\n");
