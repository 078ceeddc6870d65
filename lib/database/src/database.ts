import type { PgDatabase } from "drizzle-orm/pg-core";
import type { PostgresJsDatabase, PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import type { Sql, TransactionSql } from "postgres";

/** Drizzle inside one transaction. Only `Database.transaction` makes them. */
export type Transaction = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

/** The pool or one transaction, for statements that are run in either. */
export type Db = PgDatabase<PostgresJsQueryResultHKT>;

/** One service's Postgres: a pool, and the only way to a transaction. */
export interface Database extends AsyncDisposable {
  /** Drizzle over the pool, for statements that stand alone. */
  readonly db: PostgresJsDatabase;
  /** The postgres.js client below it, for what Drizzle cannot say (bytea slices, `unnest`). */
  readonly sql: Sql;
  /**
   * Runs `work` in one transaction, again from the start on a serialization failure or deadlock (40001, 40P01), at most
   * 5 times. Hooks given to `afterCommit` run once it is committed.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs `work` under a savepoint of `tx`: if it throws, only what `work` did is undone and its hooks are dropped. */
  savepoint<T>(tx: Transaction, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs `hook` after `tx` commits, never if it rolls back. */
  afterCommit(tx: Transaction, hook: () => void): void;
  /** The postgres.js client of `tx`: prepared and pipelined statements for hot paths, in the same transaction. */
  sqlOf(tx: Transaction): TransactionSql;
  /**
   * Takes what only one process at a time may have, on a connection of its own that is held until disposed or the process ends;
   * undefined if another has it and still has it after `waitMs`, 10 s by default.
   */
  lease(name: string, waitMs?: number): Promise<AsyncDisposable | undefined>;
  /**
   * Hears NOTIFY on `channel`, on a connection of its own. `onListen` runs at first and after every reconnection, when
   * notifications may have been missed.
   */
  listen(channel: string, onNotify: (payload: string) => void, onListen?: () => void): Promise<AsyncDisposable>;
}
