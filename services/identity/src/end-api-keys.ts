import type { Transaction } from "@lyceum/database";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { type ApiKeyRow, revokeApiKeys } from "./api-key-store.ts";
import type { Context } from "./context.ts";

/** Ends all of a person's keys, or the one named, and tells every verifier; answers the keys that ended. */
export async function endApiKeys(
  ctx: Context,
  tx: Transaction,
  { userId, keyId }: { userId: string; keyId?: string },
  now: Date,
): Promise<ApiKeyRow[]> {
  const ended = await revokeApiKeys(tx, userId, keyId, now);
  await tellOfEndedKeys(ctx, tx, ended);
  return ended;
}

/** Tells every verifier that keys have ended, which cuts what they have open. */
export async function tellOfEndedKeys(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  keys: readonly ApiKeyRow[],
): Promise<void> {
  for (const { id, userId, version } of keys)
    await ctx.events.append(tx, sessionRevoked({ sessionId: id, userId, version }));
}
