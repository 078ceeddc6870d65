import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MemberSchema, RoomSchema } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import type { Context } from "./context.ts";
import { listPeers, type RoomOfMember } from "./room-store.ts";
import type { MemberRow } from "./schema.ts";

/** Rooms as one of their members sees them. */
export async function toRoomMessages(
  ctx: Context,
  list: readonly RoomOfMember[],
  userId: string,
): Promise<MessageInitShape<typeof RoomSchema>[]> {
  const direct = list.flatMap(({ room }) => (room.kind === RoomKind.DIRECT ? [room.id] : []));
  const peers = await listPeers(ctx.database.db, direct, userId);
  return list.map(({ room, member }) => ({
    id: room.id,
    kind: room.kind,
    title: room.title,
    lastSeq: BigInt(room.lastSeq),
    lastChange: BigInt(room.lastChange),
    readSeq: BigInt(member.readSeq),
    role: member.role,
    memberCount: room.memberCount,
    createTime: timestampFromDate(room.createTime),
    updateTime: timestampFromDate(room.updateTime),
    ...(room.lastSeq > 0 && { lastMessageTime: timestampFromDate(room.lastMessageTime) }),
    peerId: peers.get(room.id) ?? "",
  }));
}

/** A person in a room, by the name they go by now; empty while it cannot be asked. */
export function toMemberMessage(
  { userId, role, joinTime, readSeq }: MemberRow,
  names: ReadonlyMap<string, string>,
): MessageInitShape<typeof MemberSchema> {
  const displayName = names.get(userId) ?? "";
  return { userId, role, displayName, joinTime: timestampFromDate(joinTime), readSeq: BigInt(readSeq) };
}
