import { type Host, startSweep } from "@lyceum/service";
import { deleteEndedApiKeys } from "./api-key-store.ts";
import { dropOldAuditEvents } from "./audit.ts";
import type { Context } from "./context.ts";
import { deleteOldDevices } from "./device-store.ts";
import { devicesSeenSince } from "./devices.ts";
import { deleteOldChallenges } from "./factors/factor-store.ts";
import { deleteOldPasskeyChallenges } from "./factors/passkey-store.ts";
import { accountRule } from "./guessing/guess-rule.ts";
import { deleteOldGuessCounts } from "./guessing/guess-store.ts";
import { endExpiredKeys } from "./jobs/end-expired-key.ts";
import { deleteEndedMails } from "./mail-store.ts";
import { deleteOldFlows } from "./providers/provider-store.ts";
import { forgetEndedSessions } from "./session.ts";
import { publishedMs } from "./signing-keys.ts";
import { deleteRetiredKeys } from "./store.ts";

const dayMs = 24 * 3_600_000;
/** How long a key that has ended can still be told from one that never was. */
const endedKeysKeptDays = 30;

/** Deletes sessions that ended long ago and what nobody waits for or remembers any more. */
export function sweepHourly(
  ctx: Pick<Context, "database" | "events">,
  { auditKeptDays }: { auditKeptDays: number },
  log: Host["log"],
): AsyncDisposable {
  const { database } = ctx;
  const { db } = database;
  return startSweep(
    {
      "ended sessions": (now) => forgetEndedSessions(ctx, now),
      "old challenges": (now) => deleteOldChallenges(db, now),
      "old challenges of passkeys": (now) => deleteOldPasskeyChallenges(db, now),
      "old flows of providers": (now) => deleteOldFlows(db, now),
      "ended mails": (now) => deleteEndedMails(db, now),
      "old devices": (now) => deleteOldDevices(db, devicesSeenSince(now)),
      // No rule remembers longer than an account's.
      "old guesses": (now) => deleteOldGuessCounts(db, new Date(now.getTime() - accountRule.fadeMs)),
      "old audit events": (now) => dropOldAuditEvents(database, new Date(now.getTime() - auditKeptDays * dayMs)),
      "expired API keys": (now) => endExpiredKeys(ctx, now),
      "ended API keys": (now) => deleteEndedApiKeys(db, new Date(now.getTime() - endedKeysKeptDays * dayMs)),
      "retired signing keys": (now) => deleteRetiredKeys(db, new Date(now.getTime() - publishedMs)),
    },
    log,
  );
}
