import { connect, type NetConnectOpts, type Socket } from "node:net";
import postgres, { type Options, type Sql } from "postgres";

/** Options of postgres.js by name. */
export type ClientOptions = Options<Record<string, postgres.PostgresType>>;

/**
 * A postgres.js client. Like libpq it takes a folder with a Unix socket as `?host=`. A connection on which nothing comes or goes
 * for `silenceMs` is given up, and with it the statement it waits for: a server that hangs sends no timeout of its own.
 */
export function createClient(url: string, { silenceMs, ...options }: ClientOptions & { silenceMs?: number }): Sql {
  const target = new URL(url);
  const socketFolder = target.searchParams.get("host");
  target.searchParams.delete("host");
  const address = socketFolder
    ? { path: `${socketFolder}/.s.PGSQL.${target.port || 5432}` }
    : { host: target.hostname.replace(/^\[|\]$/g, ""), port: Number(target.port || 5432) };
  return postgres(target.href, {
    connect_timeout: 10,
    // Seconds; the driver's own backoff of up to 20 would keep a database that is back waiting.
    backoff: (attempt: number) => Math.min(1, 0.02 * 2 ** attempt),
    onnotice: () => {},
    ...(socketFolder && { host: socketFolder, path: address.path }),
    ...(silenceMs !== undefined && { socket: () => openImpatientSocket(address, silenceMs) }),
    ...options,
  }) as Sql;
}

/** The driver writes its greeting at once; the socket keeps it until it is connected. */
function openImpatientSocket(address: NetConnectOpts, silenceMs: number): Socket {
  const socket = connect(address);
  return socket.setTimeout(silenceMs, () => socket.destroy());
}
