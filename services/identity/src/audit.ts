import { type Database, type Db, storable } from "@lyceum/database";
import { newId, readTimePage, type TimePosition } from "@lyceum/service";
import { and, desc, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { Client } from "./client.ts";
import { auditEvents } from "./schema.ts";

/** Everything the audit log tells of, in the words in which it is stored and asked for. */
export const auditEventNames = [
  "signed-up",
  "signed-in",
  "sign-in-failed",
  "reauthentication-failed",
  "signed-out",
  "session-revoked",
  "refresh-token-reused",
  "password-changed",
  "password-reset-requested",
  "password-reset",
  "email-verified",
  "email-change-requested",
  "email-changed",
  "factor-added",
  "factor-removed",
  "recovery-codes-made",
  "recovery-code-used",
  "provider-linked",
  "provider-unlinked",
  "api-key-made",
  "api-key-revoked",
  "roles-changed",
  "user-suspended",
  "user-restored",
  "signing-key-rotated",
] as const;

/** One of the events that the audit log tells of. */
export type AuditEventName = (typeof auditEventNames)[number];

/** An entry of the audit log: no secret, no address, and no text but the reason that who administers gave. */
export type AuditEntry = {
  readonly event: AuditEventName;
  /** Who did it; left out where nobody known did, as at a failed sign-in. */
  readonly actorId?: string | undefined;
  /** Whose account it concerns; left out where it concerns none that exists. */
  readonly targetId?: string | undefined;
  /** The device that called, by `clientOf(call)`; left out for what no call did. */
  readonly client?: Client;
  /** Short facts, such as `{ method: "password" }` or `{ sessionId }`. */
  readonly details?: Readonly<Record<string, string>>;
};

const nobody: Client = { network: "", userAgent: "", traceId: "" };

/** Adds an entry to the audit log, in the transaction of what it tells of. */
export async function appendAudit(tx: Db, entry: AuditEntry, now = new Date()): Promise<void> {
  const { event, actorId = null, targetId = null, client = nobody, details = {} } = entry;
  const { network, userAgent, traceId } = client;
  await tx
    .insert(auditEvents)
    .values({ id: newId(), time: now, event, actorId, targetId, network, userAgent, traceId, details });
}

/** How many entries are forgotten in one transaction. */
const forgottenAtOnce = 5_000;

/** Forgets entries from before a time, which the database allows for what is older than 30 days. */
export async function dropOldAuditEvents(database: Database, before: Date): Promise<void> {
  for (let forgotten = forgottenAtOnce; forgotten === forgottenAtOnce; ) {
    forgotten = await database.transaction(async (tx) => {
      // Whoever deletes by any other statement is refused by the trigger.
      await tx.execute(sql`select set_config('lyceum.audit_retention', 'on', true)`);
      const old = tx
        .select({ id: auditEvents.id })
        .from(auditEvents)
        .where(lt(auditEvents.time, before))
        .limit(forgottenAtOnce);
      return (await tx.delete(auditEvents).where(inArray(auditEvents.id, old)).returning({ id: auditEvents.id }))
        .length;
    });
  }
}

export type AuditRow = typeof auditEvents.$inferSelect;

/** Which entries to read; what is undefined does not matter. */
export type AuditFilter = {
  readonly event?: string | undefined;
  readonly actorId?: string | undefined;
  readonly targetId?: string | undefined;
  /** Inclusive. */
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
};

/** The page that `req` asks for of the entries that pass `filter`, the latest first, and the token of the next. */
export function readAuditPage(
  db: Db,
  req: { pageSize: number; pageToken: string },
  filter: AuditFilter,
): Promise<{ rows: AuditRow[]; nextPageToken: string }> {
  return readTimePage(
    req,
    (row: AuditRow) => row,
    (page) => listAuditRows(db, filter, page),
  );
}

function listAuditRows(
  db: Db,
  { event, actorId, targetId, from, until }: AuditFilter,
  { after, limit }: { after: TimePosition | undefined; limit: number },
): Promise<AuditRow[]> {
  const { time, id } = auditEvents;
  return db
    .select()
    .from(auditEvents)
    .where(
      and(
        event === undefined ? undefined : eq(auditEvents.event, storable(event)),
        actorId === undefined ? undefined : eq(auditEvents.actorId, storable(actorId)),
        targetId === undefined ? undefined : eq(auditEvents.targetId, storable(targetId)),
        from && gte(time, from),
        until && lt(time, until),
        after && sql`(${time}, ${id}) < (${after.time.toISOString()}::timestamptz, ${storable(after.id)})`,
      ),
    )
    .orderBy(desc(time), desc(id))
    .limit(limit);
}
