import { timestampDate } from "@bufbuild/protobuf/wkt";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import type { RegisteredUser } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import type { Context } from "./context.ts";
import { insertProfiles, listProfiles, type ProfileRow } from "./store.ts";

/**
 * The profiles of those of `userIds` who have an account. Identity is asked for people without a profile, whose
 * registration may still be on its way, and their profiles are made. Asks `onBehalfOf` someone, or for a job.
 */
export async function ensureProfiles(
  ctx: Context,
  userIds: readonly string[],
  options: { signal: AbortSignal; onBehalfOf?: string },
): Promise<ProfileRow[]> {
  const wanted = [...new Set(userIds)];
  const found = await listProfiles(ctx.database.db, wanted);
  if (found.length === wanted.length) return found;

  const known = new Set(found.map(({ userId }) => userId));
  const missing = wanted.filter((userId) => !known.has(userId));
  const identity = ctx.clients.of(IdentityInternalService);
  const { users } = await identity.batchGetUsers(
    { userIds: missing },
    await ctx.clients.asService("identity", { timeoutMs: 5_000, ...options }),
  );
  if (users.length === 0) return found;
  await createProfiles(ctx, users, new Date());
  return listProfiles(ctx.database.db, wanted);
}

async function createProfiles(ctx: Context, users: readonly RegisteredUser[], now: Date): Promise<void> {
  // In one order, so that requests which make the same profiles wait for each other and never deadlock.
  const ordered = users.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rows = ordered.map(({ id, displayName, createTime }) => ({
    userId: id,
    displayName,
    createTime: createTime ? timestampDate(createTime) : now,
    updateTime: now,
  }));
  await ctx.database.transaction(async (tx) => {
    // The event's job and a first request may both get here: only one of them makes the profile and tells of it.
    for (const { userId, version } of await insertProfiles(tx, rows)) {
      await ctx.events.append(tx, profileUpdated({ userId, version }));
    }
  });
}
