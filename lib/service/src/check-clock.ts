import type { Database } from "@lyceum/database";

/** What signatures and tokens of other machines are forgiven. */
const toleratedMs = 5_000;

/**
 * Says so if this machine's clock and the database's differ by more than tokens are forgiven; undefined if they agree. Jobs, leases
 * and the log go by the database's clock and Kafka's: a wrong clock loses nothing, but tokens end early or late.
 */
export async function findClockFault(
  { sql }: Pick<Database, "sql">,
  now: () => number = Date.now,
): Promise<string | undefined> {
  const before = now();
  const [row] = await sql<{ ms: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
  const after = now();
  const database = row?.ms ?? before;
  const aheadMs = database < before ? before - database : Math.min(0, after - database);
  if (Math.abs(aheadMs) <= toleratedMs) return undefined;
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const direction = aheadMs > 0 ? "ahead of" : "behind";
  return `This machine's clock is ${seconds} s ${direction} the database's: set it, or people are signed out early or late.`;
}
