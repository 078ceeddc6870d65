import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { MemberRole } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { forward, personOf } from "@lyceum/service";
import { changeRoom, type Draft } from "../change-room.ts";
import type { Context } from "../context.ts";
import { lastOwner, roomFull, roomNotFound } from "../errors.ts";
import { applyMembersNow } from "../jobs/apply-members.ts";
import { requireOwner } from "../room.ts";
import { toMemberMessage } from "../room-message.ts";
import { countOwners, findRoom, listMembers } from "../room-store.ts";
import { requireNoBlock, requirePeople } from "./create-room.ts";

export const addMembers =
  (ctx: Context): MethodImpl<typeof ChatService.method.addMembers> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const userIds = [...new Set(req.userIds)];
    const role = req.role === MemberRole.UNSPECIFIED ? MemberRole.MEMBER : req.role;
    // Whoever may not decide here learns nothing about who has an account.
    const found = await findRoom(ctx.database.db, req.roomId, userId);
    if (!found) throw roomNotFound();
    requireOwner(found.room.kind, found.member);
    await requirePeople(ctx, userIds, call);
    const there = new Set((await listMembers(ctx.database.db, req.roomId, { userIds })).map((row) => row.userId));
    const newcomers = userIds.filter((id) => !there.has(id));
    await requireNoBlock(ctx, userId, newcomers, call);

    await changeRoom(ctx, req.roomId, userId, async (draft, member) => {
      requireOwner(draft.room.kind, member);
      await letIn(draft, { userIds, role, actorId: userId });
    });
    await applyMembersNow(ctx, req.roomId, call.signal);
    const members = await listMembers(ctx.database.db, req.roomId, { userIds });
    const names = await ctx.names.find(userIds, forward(call));
    return { members: members.map((row) => toMemberMessage(row, names)) };
  };

const maxMembers = 10_000;

async function letIn(
  draft: Draft,
  { userIds, role, actorId }: { userIds: readonly string[]; role: MemberRole; actorId: string },
): Promise<void> {
  const { tx, room } = draft;
  const known = new Map((await listMembers(tx, room.id, { userIds })).map((row) => [row.userId, row.role]));
  const changing = userIds.filter((userId) => known.get(userId) !== role);
  const lostOwners = changing.filter((userId) => known.get(userId) === MemberRole.OWNER).length;
  if (lostOwners > 0 && lostOwners === (await countOwners(tx, room.id))) throw lastOwner();
  const memberCount = room.memberCount + changing.filter((userId) => !known.has(userId)).length;
  if (memberCount > maxMembers) throw roomFull(maxMembers);
  for (const userId of changing) draft.setMember({ userId, role, removed: false }, actorId);
  if (changing.length > 0) draft.set({ memberCount });
}
