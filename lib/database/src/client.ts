import postgres, { type Options, type Sql } from "postgres";

/** Options of postgres.js by name. */
export type ClientOptions = Options<Record<string, postgres.PostgresType>>;

/** A postgres.js client. Like libpq it takes a folder with a Unix socket as `?host=`. */
export function createClient(url: string, options: ClientOptions): Sql {
  const target = new URL(url);
  const socketFolder = target.searchParams.get("host");
  target.searchParams.delete("host");
  return postgres(target.href, {
    connect_timeout: 10,
    // Seconds; the driver's own backoff of up to 20 would keep a database that is back waiting.
    backoff: (attempt: number) => Math.min(1, 0.02 * 2 ** attempt),
    onnotice: () => {},
    ...(socketFolder && { host: socketFolder, path: `${socketFolder}/.s.PGSQL.${target.port || 5432}` }),
    ...options,
  }) as Sql;
}
