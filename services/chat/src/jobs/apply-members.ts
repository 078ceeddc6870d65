import type { Transaction } from "@lyceum/database";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { rightsPending } from "../errors.ts";
import { listNotApplied, markApplied } from "../room-store.ts";

const kind = "apply-members";

/** Tells files of members it has not heard of, until it has. */
export const applyMembersJob = (ctx: Context): JobKind<{ roomId: string }> => ({
  kind,
  concurrency: 4,
  maxAttempts: 1_000,
  run: ({ payload, signal }) => applyMembers(ctx, payload.roomId, signal),
});

/** Sees to it that files hears of members whose change is committed with `tx`, even if the call that made it cannot tell. */
export function applyMembersLater(ctx: Context, tx: Transaction, roomId: string, delayMs = 10_000): Promise<void> {
  return ctx.jobs.enqueue(tx, { kind, key: roomId, lane: roomId, payload: { roomId }, delayMs });
}

/** Tells files at once, so that rights are right when the call answers. The change stands even where this throws `unavailable`. */
export async function applyMembersNow(ctx: Context, roomId: string, signal: AbortSignal): Promise<void> {
  try {
    await applyMembers(ctx, roomId, signal);
  } catch (error) {
    await ctx.database.transaction((tx) => applyMembersLater(ctx, tx, roomId, 0));
    throw rightsPending(error);
  }
}

const maxTold = 1_000;

async function applyMembers(ctx: Context, roomId: string, signal: AbortSignal): Promise<void> {
  const { people, deletion } = await listNotApplied(ctx.database.db, roomId);
  if (people.length === 0) return;
  const files = ctx.clients.of(FileInternalService);
  const options = () => ctx.clients.asService("files", { signal, timeoutMs: 5_000 });
  if (deletion !== undefined) {
    await files.applyRoomMembers({ roomId, deleted: true, deletedVersion: BigInt(deletion) }, await options());
  }
  for (let from = 0; from < people.length; from += maxTold) {
    const told = people.slice(from, from + maxTold);
    const changes = told.map(({ userId, removed, change }) => ({ userId, member: !removed, version: BigInt(change) }));
    if (deletion === undefined) await files.applyRoomMembers({ roomId, changes }, await options());
    await markApplied(ctx.database.db, roomId, told);
  }
}
