import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { MemberRole, type RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import { forward, newId, personOf } from "@lyceum/service";
import { keepDraft } from "../change-room.ts";
import type { Context } from "../context.ts";
import { personNotFound, roomNotFound } from "../errors.ts";
import { applyMembersNow } from "../jobs/apply-members.ts";
import { readNewRoom } from "../room.ts";
import { toRoomMessages } from "../room-message.ts";
import { findDirectRoom, findRoom, insertRoom } from "../room-store.ts";

export const createRoom =
  (ctx: Context): MethodImpl<typeof ChatService.method.createRoom> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const plan = readNewRoom(req, userId);
    await requirePeople(ctx, plan.others, call);
    await requireNoBlock(ctx, userId, plan.others, call);
    const existing = plan.pair === null ? undefined : await findDirectRoom(ctx.database.db, plan.pair, userId);
    const roomId = existing?.room.id ?? (await makeRoom(ctx, { ...plan, kind: req.kind }, userId));
    await applyMembersNow(ctx, roomId, call.signal);
    const made = await findRoom(ctx.database.db, roomId, userId);
    if (!made) throw roomNotFound();
    const [room] = await toRoomMessages(ctx, [made], userId);
    return { ...(room && { room }) };
  };

/** Throws `not_found` unless all of these people exist. */
export async function requirePeople(ctx: Context, userIds: readonly string[], call: HandlerContext): Promise<void> {
  const names = await ctx.names.find(userIds, forward(call));
  if (userIds.some((userId) => !names.has(userId))) throw personNotFound();
}

/** Throws `not_found`, as for people whom nobody knows, if one of them has blocked the caller. */
export async function requireNoBlock(
  { clients }: Context,
  userId: string,
  amongIds: readonly string[],
  { signal }: HandlerContext,
): Promise<void> {
  if (amongIds.length === 0) return;
  const options = await clients.asService("profile", { signal, onBehalfOf: userId });
  const blockers = await clients.of(ProfileInternalService).listBlockers({ userId, amongIds: [...amongIds] }, options);
  if (blockers.userIds.length > 0) throw personNotFound();
}

type Plan = {
  readonly kind: RoomKind;
  readonly title: string;
  readonly others: readonly string[];
  readonly pair: string | null;
};

async function makeRoom(ctx: Context, { kind, title, others, pair }: Plan, makerId: string): Promise<string> {
  const made = await ctx.database.transaction(async (tx) => {
    const now = new Date();
    const room = await insertRoom(tx, {
      id: newId(),
      kind,
      title,
      pair,
      lastSeq: 0,
      lastChange: 0,
      memberCount: 0,
      createTime: now,
      updateTime: now,
      lastMessageTime: now,
    });
    if (!room) return undefined;
    await keepDraft(ctx, tx, room, async (draft) => {
      draft.setMember({ userId: makerId, role: MemberRole.OWNER, removed: false }, makerId);
      for (const userId of others) draft.setMember({ userId, role: MemberRole.MEMBER, removed: false }, makerId);
      draft.set({ memberCount: others.length + 1 });
    });
    return room.id;
  });
  if (made !== undefined) return made;
  // Both people of a direct room may make it at once.
  const other = pair === null ? undefined : await findDirectRoom(ctx.database.db, pair, makerId);
  if (!other) throw roomNotFound();
  return other.room.id;
}
