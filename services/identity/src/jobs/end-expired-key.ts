import type { Transaction } from "@lyceum/database";
import type { JobKind, JobQueue } from "@lyceum/service";
import { type ApiKeyRow, expireApiKeys } from "../api-key-store.ts";
import type { Context } from "../context.ts";
import { tellOfEndedKeys } from "../end-api-keys.ts";

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
    await complete(async (tx) => tellOfEndedKeys(ctx, tx, await expireApiKeys(tx, { keyId })));
  },
});

/** The same for all that have expired and were not told of: the keys of times that ordered no end. */
export async function endExpiredKeys(ctx: Pick<Context, "database" | "events">, now: Date): Promise<void> {
  await ctx.database.transaction(async (tx) => tellOfEndedKeys(ctx, tx, await expireApiKeys(tx, { before: now })));
}
