import type { Transaction } from "@lyceum/database";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import type { JobKind, JobQueue } from "@lyceum/service";
import { type ApiKeyRow, expireApiKey } from "../api-key-store.ts";
import type { Context } from "../context.ts";

const kind = "end-expired-key";

/** Has what a key has open cut when it expires; nothing for a key that never does. */
export async function orderKeyEnd(
  jobs: JobQueue,
  tx: Transaction,
  { id, expireTime }: Pick<ApiKeyRow, "id" | "expireTime">,
): Promise<void> {
  if (!expireTime) return;
  const delayMs = Math.max(0, expireTime.getTime() - Date.now());
  await jobs.enqueue(tx, { kind, key: id, payload: { keyId: id }, lane: kind, delayMs });
}

/** Tells every verifier that a key has expired: a stream lives as long as its session, not its token, and must not outlive its key. */
export const endExpiredKey = (ctx: Pick<Context, "events">): JobKind<{ keyId: string }> => ({
  kind,
  concurrency: 2,
  maxAttempts: 50,
  async run({ payload: { keyId }, complete }) {
    await complete(async (tx) => {
      const key = await expireApiKey(tx, keyId);
      if (!key) return;
      await ctx.events.append(tx, sessionRevoked({ sessionId: key.id, userId: key.userId, version: key.version }));
    });
  },
});
