import { once } from "node:events";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { Transform } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A loopback port that leads somewhere else. */
export type Relay = AsyncDisposable & {
  readonly port: number;
  /** From now on every piece arrives so much later, each way. */
  delay(ms: number): void;
};

/** Opens a port that passes bytes on to `target`; on `port`, or a free one. */
export async function openRelay(target: NetConnectOpts, port = 0): Promise<Relay> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(target);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from);
      const brake = createBrake(() => delayMs);
      from.once("close", () => {
        sockets.delete(from);
        brake.end();
      });
      from.on("error", () => {});
      from.pipe(brake).pipe(to);
      // What was under way arrives before the end does.
      brake.once("end", () => to.destroySoon());
    }
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    delay(ms) {
      delayMs = ms;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A relay to the server of a database, and the database's URL by it. */
export async function openDatabaseRelay(databaseUrl: string, port = 0): Promise<{ relay: Relay; url: string }> {
  const url = new URL(databaseUrl);
  const socketFolder = url.searchParams.get("host");
  const serverPort = Number(url.port || 5432);
  const target = socketFolder
    ? { path: `${socketFolder}/.s.PGSQL.${serverPort}` }
    : { host: url.hostname, port: serverPort };
  const relay = await openRelay(target, port);
  url.searchParams.delete("host");
  url.host = `127.0.0.1:${relay.port}`;
  return { relay, url: url.href };
}

/** Keeps the order of pieces, and lets many be under way. */
function createBrake(readDelayMs: () => number): Transform {
  let arriving = Promise.resolve();
  return new Transform({
    transform(chunk, _, done) {
      const delayMs = readDelayMs();
      const delayed = delayMs > 0 ? sleep(delayMs, undefined, { ref: false }) : undefined;
      arriving = arriving.then(() => delayed).then(() => void this.push(chunk));
      done();
    },
    flush(done) {
      void arriving.then(() => done());
    },
  });
}
