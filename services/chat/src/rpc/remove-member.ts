import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import { changeRoom } from "../change-room.ts";
import type { Context } from "../context.ts";
import { memberNotFound } from "../errors.ts";
import { applyMembersNow } from "../jobs/apply-members.ts";
import { judgeRemoval } from "../room.ts";
import { countOwners, listMembers } from "../room-store.ts";
import { endRoom } from "./delete-room.ts";

export const removeMember =
  (ctx: Context): MethodImpl<typeof ChatService.method.removeMember> =>
  async (req, call) => {
    const caller = personOf(call);
    const userId = req.userId === "me" ? caller.userId : req.userId;
    await changeRoom(ctx, req.roomId, caller.userId, async (draft, member) => {
      const { tx, room } = draft;
      const [subject] = await listMembers(tx, room.id, { userIds: [userId] });
      if (!subject) throw memberNotFound();
      const people = { caller: member, subject, owners: await countOwners(tx, room.id), all: room.memberCount };
      if (judgeRemoval(room.kind, people) === "end") return endRoom(ctx, draft);
      draft.setMember({ userId, role: subject.role, removed: true }, caller.userId);
      draft.set({ memberCount: room.memberCount - 1 });
    });
    await applyMembersNow(ctx, req.roomId, call.signal);
    return {};
  };
