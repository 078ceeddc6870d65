import type { Database } from "@lyceum/database";
import { type Host, startSweep } from "@lyceum/service";
import { deleteOldDevices } from "./device-store.ts";
import { devicesSeenSince } from "./devices.ts";
import { deleteOldChallenges } from "./factors/factor-store.ts";
import { deleteOldPasskeyChallenges } from "./factors/passkey-store.ts";
import { accountRule } from "./guessing/guess-rule.ts";
import { deleteOldGuessCounts } from "./guessing/guess-store.ts";
import { deleteEndedMails } from "./mail-store.ts";
import { deleteOldFlows } from "./providers/provider-store.ts";
import { publishedMs } from "./signing-keys.ts";
import { deleteEndedSessions, deleteRetiredKeys } from "./store.ts";

/** Deletes sessions that ended long ago and what nobody waits for or remembers any more. */
export function sweepHourly({ db }: Database, log: Host["log"]): AsyncDisposable {
  return startSweep(
    {
      "ended sessions": (now) => deleteEndedSessions(db, now),
      "old challenges": (now) => deleteOldChallenges(db, now),
      "old challenges of passkeys": (now) => deleteOldPasskeyChallenges(db, now),
      "old flows of providers": (now) => deleteOldFlows(db, now),
      "ended mails": (now) => deleteEndedMails(db, now),
      "old devices": (now) => deleteOldDevices(db, devicesSeenSince(now)),
      // No rule remembers longer than an account's.
      "old guesses": (now) => deleteOldGuessCounts(db, new Date(now.getTime() - accountRule.fadeMs)),
      "retired signing keys": (now) => deleteRetiredKeys(db, new Date(now.getTime() - publishedMs)),
    },
    log,
  );
}
