import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/postgres-js";
import { createClient } from "./client.ts";
import type { Database } from "./database.ts";
import type { Log } from "./log.ts";
import { type Migrations, migrateDatabase } from "./migrate.ts";
import { prepareStatements } from "./prepare-statements.ts";
import { createTransactions } from "./transactions.ts";

const leaseWaitMs = 10_000;
const leasePauseMs = 200;
const idleInTransactionTimeoutMs = 30_000;
const silenceGraceMs = 3_000;

/** Which database is opened, and as whom. */
export type DatabaseOptions = {
  /** `postgres://role:password@host:port/name`; a Unix socket's folder may be given as `?host=`. */
  readonly url: string;
  /** The same database past a transaction pooler; needed for migrations and LISTEN if `url` leads to one. */
  readonly directUrl?: string | undefined;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Applied in this order before anything else. */
  readonly migrations: readonly Migrations[];
  /** Where unqualified names are looked for, first to last; `public` by default. Such a pool goes past a transaction pooler. */
  readonly schemas?: readonly string[];
  /** Size of the pool, 10 by default; LISTEN has a connection of its own beside it. */
  readonly maxConnections?: number | undefined;
  /** How long one statement may take, 30 s by default. */
  readonly statementTimeoutMs?: number | undefined;
  readonly log?: Log | undefined;
};

/** Migrates a database and opens a pool to it. Fails if it can't be reached or a migrations folder is missing. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const directUrl = options.directUrl ?? options.url;
  // A transaction pooler hands every transaction to another session: neither named statements nor session settings hold.
  const isPooled = options.directUrl !== undefined && options.schemas === undefined;
  const timeouts = {
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
  };
  const kept = Object.fromEntries(Object.entries(timeouts).map(([name, value]) => [name, `${value}ms`]));
  await migrateDatabase(directUrl, options.applicationName, options.migrations, isPooled ? kept : {});
  const sql = createClient(isPooled ? options.url : directUrl, {
    max: options.maxConnections ?? 10,
    idle_timeout: 60,
    silenceMs: timeouts.statement_timeout + silenceGraceMs,
    prepare: !isPooled,
    connection: {
      application_name: options.applicationName,
      // A plan that fits any parameters is kept, and then reads whole the tables that were small when it was made.
      ...(!isPooled && { ...timeouts, plan_cache_mode: "force_custom_plan" }),
      ...(options.schemas && { search_path: options.schemas.join(", ") }),
    },
  });
  const listener = createClient(directUrl, {
    max: 1,
    idle_timeout: 0,
    connection: { application_name: `${options.applicationName} listener` },
  });
  const db = drizzle(prepareStatements(sql));
  return {
    db,
    sql,
    ...createTransactions(db, options.log),
    async listen(channel, onNotify, onListen) {
      const { unlisten } = await listener.listen(channel, onNotify, onListen);
      // Where it can't be said, the connection is gone and hears nothing anyway.
      return { [Symbol.asyncDispose]: () => unlisten().catch(() => {}) };
    },
    lease: (name, waitMs = leaseWaitMs) => takeLease(directUrl, options.applicationName, name, waitMs),
    async [Symbol.asyncDispose]() {
      await Promise.all([sql.end({ timeout: 5 }), listener.end({ timeout: 1 })]);
    },
  };
}

async function takeLease(
  url: string,
  applicationName: string,
  name: string,
  waitMs: number,
): Promise<AsyncDisposable | undefined> {
  const sql = createClient(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connection: { application_name: `${applicationName} lease` },
  });
  const lease = { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) };
  for (const deadline = Date.now() + waitMs; ; ) {
    const [row] = await sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${`lyceum.lease ${name}`}, 0)) as taken`;
    if (row?.taken) return lease;
    if (Date.now() >= deadline) break;
    // One that ends, or was killed, lets go in a moment.
    await sleep(leasePauseMs);
  }
  await lease[Symbol.asyncDispose]();
  return undefined;
}
