import type { Transaction } from "@lyceum/database";
import type { Fact } from "@lyceum/gen/events/event-type.ts";
import { messageSent } from "@lyceum/gen/events/lyceum/chat/v1/message_sent.ts";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { MemberRole } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import { newId } from "@lyceum/service";
import type { Change, ChangeContent } from "./change.ts";
import { insertChanges } from "./change-store.ts";
import type { Context } from "./context.ts";
import { emptyMessage } from "./entry.ts";
import { roomNotFound } from "./errors.ts";
import { applyMembersLater } from "./jobs/apply-members.ts";
import { insertMessages } from "./message-store.ts";
import { lockRoom, lockRoomForService, type MemberChange, putMembers, updateRoomRow } from "./room-store.ts";
import type { MemberRow, MessageRow, RoomRow } from "./schema.ts";

/** What happens to one locked room in one transaction: all of it is numbered here, written at the end, and told after the commit. */
export type Draft = {
  readonly tx: Transaction;
  /** As it is by now. */
  readonly room: RoomRow;
  readonly now: Date;
  /** Takes the number of the next change, for `note`. */
  number(): number;
  /** Says what the change of this number does. */
  note(change: number, content: ChangeContent): void;
  /** Adds a message. */
  say(message: Pick<MessageRow, "kind" | "senderId"> & Partial<MessageRow>): MessageRow;
  /** Lets a person in, gives them another role or removes them, with the message that says so. */
  setMember(member: { userId: string; role: MemberRole; removed: boolean }, actorId: string): void;
  /** Changes fields of the room. */
  set(fields: Partial<RoomRow>): void;
  // biome-ignore lint/suspicious/noExplicitAny: facts of different shapes share one list
  publish(fact: Fact<any>): void;
};

/** Changes a room in which the caller is a member. Throws `not_found` where they are not. */
export function changeRoom<T>(
  ctx: Context,
  roomId: string,
  userId: string,
  work: (draft: Draft, caller: MemberRow) => Promise<T>,
): Promise<T> {
  return ctx.database.transaction(async (tx) => {
    const found = await lockRoom(tx, roomId, userId);
    if (!found) throw roomNotFound();
    return keepDraft(ctx, tx, found.room, (draft) => work(draft, found.member));
  });
}

/** Changes a room for a service. */
export function changeRoomForService<T>(ctx: Context, roomId: string, work: (draft: Draft) => Promise<T>): Promise<T> {
  return ctx.database.transaction(async (tx) => {
    const room = await lockRoomForService(tx, roomId);
    if (!room) throw roomNotFound();
    return keepDraft(ctx, tx, room, work);
  });
}

/** Runs `work` on a locked room, then writes what it drafted. */
export async function keepDraft<T>(
  ctx: Context,
  tx: Transaction,
  room: RoomRow,
  work: (draft: Draft) => Promise<T>,
): Promise<T> {
  const draft = createDraft(tx, room);
  const result = await work(draft);
  const { fields, said, people, noted, facts } = draft.written;
  if (Object.keys(fields).length === 0) return result;
  await updateRoomRow(tx, room.id, fields);
  await insertMessages(tx, said);
  await putMembers(tx, room.id, people, draft.now);
  await insertChanges(tx, noted);
  await ctx.events.appendAll(tx, facts);
  if (people.length > 0 || fields.deleteTime) await applyMembersLater(ctx, tx, room.id);
  ctx.database.afterCommit(tx, () => ctx.live.committed(noted));
  return result;
}

function createDraft(tx: Transaction, locked: RoomRow) {
  const now = new Date();
  const fields: Partial<RoomRow> = {};
  const said: MessageRow[] = [];
  const people: MemberChange[] = [];
  const noted: Change[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: facts of different shapes share one list
  const facts: Fact<any>[] = [];
  const roomId = locked.id;
  const draft: Draft & { readonly written: object } = {
    tx,
    now,
    get room() {
      return { ...locked, ...fields };
    },
    number() {
      fields.lastChange = draft.room.lastChange + 1;
      return fields.lastChange;
    },
    note: (change, content) => void noted.push({ roomId, change, ...content }),
    say(message) {
      const change = draft.number();
      const seq = draft.room.lastSeq + 1;
      const row: MessageRow = { ...emptyMessage, ...message, id: newId(), roomId, seq, change, createTime: now };
      Object.assign(fields, { lastSeq: seq, lastMessageTime: now });
      said.push(row);
      draft.note(change, { kind: "message", entry: { row, reactions: [] } });
      facts.push(messageSent({ roomId, messageId: row.id, seq, senderId: row.senderId, version: change }));
      return row;
    },
    setMember(member, senderId) {
      const sayIt = () => draft.say({ kind: MessageKind.MEMBERSHIP, senderId, membership: member });
      // What a removed person hears last of the room is that they were removed.
      if (member.removed) sayIt();
      const change = draft.number();
      people.push({ ...member, change });
      draft.note(change, { kind: "membership", ...member });
      facts.push(factOf(roomId, member, change));
      if (!member.removed) sayIt();
    },
    set: (changed) => void Object.assign(fields, changed),
    publish: (fact) => void facts.push(fact),
    written: {},
  };
  return Object.assign(draft, { written: { fields, said, people, noted, facts } });
}

function factOf(roomId: string, member: { userId: string; role: MemberRole; removed: boolean }, version: number) {
  const { userId, role, removed } = member;
  if (removed) return roomMemberRemoved({ roomId, userId, version });
  return roomMemberAdded({ roomId, userId, role: role === MemberRole.OWNER ? "OWNER" : "MEMBER", version });
}
