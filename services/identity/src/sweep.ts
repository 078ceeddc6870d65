import type { Database, Db } from "@lyceum/database";
import type { Host } from "@lyceum/service";
import { deleteOldDevices } from "./device-store.ts";
import { devicesSeenSince } from "./devices.ts";
import { deleteOldChallenges } from "./factors/factor-store.ts";
import { accountRule } from "./guessing/guess-rule.ts";
import { deleteOldGuessCounts } from "./guessing/guess-store.ts";
import { deleteEndedMails } from "./mail-store.ts";
import { deleteEndedSessions } from "./store.ts";

const everyMs = 3_600_000;

/** Deletes sessions that ended long ago and what nobody waits for any more, now and every hour. Replicas may do so at once. */
export function startSweep(database: Database, log: Host["log"]): AsyncDisposable {
  let running = Promise.resolve();
  const sweep = () => {
    running = sweepAll(database.db, new Date()).catch((error: unknown) =>
      log.warn({ err: error }, "could not delete what has ended; trying again in an hour"),
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

async function sweepAll(db: Db, now: Date): Promise<void> {
  await deleteEndedSessions(db, now);
  await deleteOldChallenges(db, now);
  await deleteEndedMails(db, now);
  await deleteOldDevices(db, devicesSeenSince(now));
  // No rule remembers longer than an account's.
  await deleteOldGuessCounts(db, new Date(now.getTime() - accountRule.fadeMs));
}
