import type { Database } from "@lyceum/database";
import type { Host } from "@lyceum/service";
import { dropOldChanges } from "./feed-store.ts";

const everyMs = 3_600_000;
/** Whoever was away for longer reads the rooms anew. */
const keptForMs = 30 * 24 * 3_600_000;

/** Drops changes that nobody can resume from any more, now and every hour. Replicas may do so at once. */
export function startSweep(database: Database, log: Host["log"]): AsyncDisposable {
  let running = Promise.resolve();
  const sweep = () => {
    running = dropOldChanges(database, new Date(Date.now() - keptForMs)).catch((error: unknown) =>
      log.warn({ err: error }, "could not drop old changes; trying again in an hour"),
    );
  };
  sweep();
  const timer = setInterval(sweep, everyMs).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
