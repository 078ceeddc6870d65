import { setTimeout as delay } from "node:timers/promises";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { TransactionSql } from "postgres";
import type { Database, Transaction } from "./database.ts";
import type { Log } from "./log.ts";
import { prepareStatements } from "./prepare-statements.ts";
import { isRetryable } from "./sql-errors.ts";

const maxAttempts = 5;

type Hook = () => void;

/** The parts of a Database that have to do with transactions. */
export function createTransactions(
  db: PostgresJsDatabase,
  log: Log | undefined,
): Pick<Database, "transaction" | "savepoint" | "afterCommit" | "sqlOf"> {
  const hooksOf = new WeakMap<Transaction, Hook[]>();

  function hooksIn(tx: Transaction): Hook[] {
    const hooks = hooksOf.get(tx);
    if (!hooks) throw new Error("This transaction was not made by Database.transaction or Database.savepoint.");
    return hooks;
  }

  function begin(tx: Transaction, hooks: Hook[]): Transaction {
    prepareStatements(sqlOf(tx));
    hooksOf.set(tx, hooks);
    return tx;
  }

  function run(hook: Hook): void {
    try {
      hook();
    } catch (error) {
      log?.warn({ err: error }, "a hook failed after its transaction was committed");
    }
  }

  return {
    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        const hooks: Hook[] = [];
        try {
          const result = await db.transaction((tx) => work(begin(tx, hooks)));
          hooks.forEach(run);
          return result;
        } catch (error) {
          if (attempt === maxAttempts || !isRetryable(error)) throw error;
          await delay(Math.random() * 10 * 2 ** attempt);
        }
      }
    },
    async savepoint(tx, work) {
      const outer = hooksIn(tx);
      const hooks: Hook[] = [];
      const result = await tx.transaction((nested) => work(begin(nested, hooks)));
      outer.push(...hooks);
      return result;
    },
    afterCommit(tx, hook) {
      hooksIn(tx).push(hook);
    },
    sqlOf,
  };
}

/** The client of a transaction. Drizzle keeps it in the session, which its types hide. */
function sqlOf(tx: Transaction): TransactionSql {
  return (tx as unknown as { session: { client: TransactionSql } }).session.client;
}
