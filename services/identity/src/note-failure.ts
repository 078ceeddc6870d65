import type { HandlerContext } from "@connectrpc/connect";
import { type AuditEventName, appendAudit } from "./audit.ts";
import { clientOf } from "./client.ts";
import type { Context } from "./context.ts";
import { failureNoteRule } from "./guessing/guess-rule.ts";

/** A proof that failed: whose it should have been, left out where it is nobody's who exists, and by which short facts. */
export type Failure = {
  readonly event?: Extract<AuditEventName, "sign-in-failed" | "reauthentication-failed"> | undefined;
  readonly targetId?: string | undefined;
  readonly details: Readonly<Record<string, string>>;
};

/**
 * Notes in the audit log that somebody failed to prove who they are. Of failures of one kind that repeat, at one account or from
 * one network at nobody's, the first are noted and then ever fewer, so that strangers cannot make the log grow without end, nor hide
 * what is tried within a session. Never within a transaction, which would take a second connection while it holds one.
 */
export async function noteFailure(
  { database, guesses }: Pick<Context, "database" | "guesses">,
  call: HandlerContext,
  { event = "sign-in-failed", targetId, details }: Failure,
): Promise<void> {
  const client = clientOf(call);
  const waitMs = await guesses.count(`${event} ${targetId ?? `from ${client.network}`}`, failureNoteRule);
  if (waitMs === 0) await appendAudit(database.db, { event, targetId, client, details });
}
