import type { Database } from "@lyceum/database";
import type { Host } from "@lyceum/service";
import { deleteEndedSessions } from "./store.ts";

const everyMs = 3_600_000;

/** Deletes sessions that ended long ago, now and every hour. Replicas may do so at once. */
export function startSweep(database: Database, log: Host["log"]): AsyncDisposable {
  let running = Promise.resolve();
  const sweep = () => {
    running = deleteEndedSessions(database.db, new Date()).catch((error: unknown) =>
      log.warn({ err: error }, "could not delete ended sessions; trying again in an hour"),
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
