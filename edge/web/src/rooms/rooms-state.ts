import { create } from "@bufbuild/protobuf";
import {
  type Citation,
  FinishReason,
  type Message,
  PresenceState,
  type Room,
  RoomSchema,
  type SubscribeResponse,
  type SubscriptionState,
} from "@lyceum/client";
import { type GrowingText, growText } from "./growing-text.ts";
import { addMessage, applyChange, type Timeline } from "./timeline.ts";

/** What this tab knows of the person's rooms. */
export type RoomsState = {
  readonly connection: SubscriptionState;
  /** By id; undefined until they were fetched once. */
  readonly rooms: ReadonlyMap<string, Room> | undefined;
  /** Why the rooms could not be fetched. */
  readonly error?: unknown;
  /** The messages of rooms that were opened, by room. */
  readonly timelines: ReadonlyMap<string, Timeline>;
  /** Until when each person is shown as writing, in milliseconds since 1970, by room and person. */
  readonly typing: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Up to where people were heard to have read, by room and person. */
  readonly reads: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  /** The latest change of membership that was heard of, by room: the members are fetched again then. */
  readonly membershipChanges: ReadonlyMap<string, bigint>;
  readonly online: ReadonlySet<string>;
  /** Answers under way, by the message they grow in; private ones by their question. */
  readonly growing: ReadonlyMap<string, GrowingText>;
};

export const noRooms: RoomsState = {
  connection: "connecting",
  rooms: undefined,
  timelines: new Map(),
  typing: new Map(),
  reads: new Map(),
  membershipChanges: new Map(),
  online: new Set(),
  growing: new Map(),
};

/** How long somebody is shown as writing. */
export const typingMs = 6_000;

/** The state after one more response of the subscription; `me` is the reader's id. */
export function takeResponse(state: RoomsState, { event }: SubscribeResponse, me: string, nowMs: number): RoomsState {
  switch (event.case) {
    case "message":
      return takeMessage(state, event.value, me);
    case "messageEdited":
    case "messageDeleted":
    case "reaction": {
      const { roomId, change } = event.value;
      const timelines = update(state.timelines, roomId, (timeline) => applyChange(timeline, event));
      const growing = event.case === "reaction" ? state.growing : endGrowing(state.growing, event.value);
      return touch({ ...state, timelines, growing }, roomId, { lastChange: change });
    }
    case "membership": {
      const { roomId, userId, removed, change, role } = event.value;
      if (removed && userId === me) return dropRoom(state, roomId);
      const changed = {
        ...state,
        membershipChanges: new Map(state.membershipChanges).set(roomId, change),
      };
      return touch(changed, roomId, { lastChange: change, ...(userId === me && { role }) });
    }
    case "read": {
      const { roomId, userId, seq } = event.value;
      const read = {
        ...state,
        reads: setIn(state.reads, roomId, userId, seq),
        online: new Set(state.online).add(userId),
      };
      return userId === me ? markRead(read, roomId, seq) : read;
    }
    case "typing": {
      const { roomId, userId } = event.value;
      if (userId === me) return state;
      const typing = setIn(state.typing, roomId, userId, nowMs + typingMs);
      return { ...state, typing, online: new Set(state.online).add(userId) };
    }
    case "presence": {
      const online = new Set(state.online);
      if (event.value.state === PresenceState.ONLINE) online.add(event.value.userId);
      else online.delete(event.value.userId);
      return { ...state, online };
    }
    case "answer": {
      const { messageId } = event.value;
      return {
        ...state,
        growing: new Map(state.growing).set(messageId, growText(state.growing.get(messageId), event.value)),
      };
    }
    default:
      return state;
  }
}

/** The state after a message was sent, whether it was heard or answered by the call that sent it. */
export function takeMessage(state: RoomsState, message: Message, me: string): RoomsState {
  const { roomId, senderId, seq, change, createTime } = message;
  const isMine = senderId === me;
  const next = touch(
    {
      ...state,
      timelines: update(state.timelines, roomId, (timeline) => addMessage(timeline, message)),
      typing: update(state.typing, roomId, (people) => without(people, senderId)),
    },
    roomId,
    { lastSeq: seq, lastChange: change, ...(createTime && { lastMessageTime: createTime }) },
  );
  return isMine ? markRead(next, roomId, seq) : next;
}

/** The state after the reader has read up to `seq`; it never moves back. */
export function markRead(state: RoomsState, roomId: string, seq: bigint): RoomsState {
  const room = state.rooms?.get(roomId);
  if (!room || room.readSeq >= seq) return state;
  return setRoom(state, create(RoomSchema, { ...room, readSeq: seq }));
}

/** The state with a room as a call answered it, unless more has been heard of it since. */
export function setRoom(state: RoomsState, room: Room): RoomsState {
  const known = state.rooms?.get(room.id);
  const latest =
    known && known.lastSeq > room.lastSeq
      ? { lastSeq: known.lastSeq, ...(known.lastMessageTime && { lastMessageTime: known.lastMessageTime }) }
      : {};
  const readSeq = later(room.readSeq, known?.readSeq ?? 0n);
  return {
    ...state,
    rooms: new Map(state.rooms).set(room.id, create(RoomSchema, { ...room, ...latest, readSeq })),
  };
}

/** The state once the reader no longer belongs to a room: nothing of it stays. */
export function dropRoom(state: RoomsState, roomId: string): RoomsState {
  return {
    ...state,
    rooms: state.rooms && without(state.rooms, roomId),
    timelines: without(state.timelines, roomId),
    typing: without(state.typing, roomId),
    reads: without(state.reads, roomId),
    membershipChanges: without(state.membershipChanges, roomId),
  };
}

/** The state without those who have not written for a while. */
export function forgetTyping(state: RoomsState, nowMs: number): RoomsState {
  const typing = new Map(
    [...state.typing].map(([roomId, people]) => [roomId, new Map([...people].filter(([, until]) => until > nowMs))]),
  );
  return { ...state, typing };
}

/** The rooms, the one with the latest message first. */
export function sortRooms(rooms: ReadonlyMap<string, Room>): Room[] {
  const latest = ({ lastMessageTime, createTime }: Room) =>
    Number((lastMessageTime ?? createTime)?.seconds ?? 0n) * 1e3 + ((lastMessageTime ?? createTime)?.nanos ?? 0) / 1e6;
  return [...rooms.values()].sort((a, b) => latest(b) - latest(a) || (a.id < b.id ? 1 : -1));
}

/** How many messages of a room are unread. */
export function countUnread({ lastSeq, readSeq }: Room): number {
  return Math.max(0, Number(lastSeq - readSeq));
}

/** The citation `number` of an answer that was given in a room. */
export function findCitation({ timelines }: RoomsState, answerId: string, number: number): Citation | undefined {
  for (const { messages } of timelines.values()) {
    const holder = messages.find((message) => message.answerId === answerId);
    if (holder) return holder.citations.find((citation) => citation.number === number);
  }
  return undefined;
}

/** Raises what a room was last heard to hold; rooms that are not known are fetched elsewhere. */
function touch(state: RoomsState, roomId: string, heard: Partial<Room>): RoomsState {
  const room = state.rooms?.get(roomId);
  if (!room) return state;
  const { lastSeq = 0n, lastChange = 0n, lastMessageTime, ...others } = heard;
  const isLater = lastSeq > room.lastSeq;
  const next = create(RoomSchema, {
    ...room,
    ...others,
    lastSeq: later(room.lastSeq, lastSeq),
    lastChange: later(room.lastChange, lastChange),
    ...(isLater && lastMessageTime && { lastMessageTime }),
  });
  return { ...state, rooms: new Map(state.rooms).set(roomId, next) };
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** An assistant's message that says why it ended grows no more; neither does one that is gone. */
function endGrowing(growing: RoomsState["growing"], changed: Message | { messageId: string }): RoomsState["growing"] {
  if ("messageId" in changed) return without(growing, changed.messageId);
  return changed.finishReason === FinishReason.UNSPECIFIED ? growing : without(growing, changed.id);
}

function update<V>(map: ReadonlyMap<string, V>, key: string, change: (value: V) => V): ReadonlyMap<string, V> {
  const value = map.get(key);
  if (value === undefined) return map;
  const changed = change(value);
  return changed === value ? map : new Map(map).set(key, changed);
}

function setIn<V>(
  map: ReadonlyMap<string, ReadonlyMap<string, V>>,
  outer: string,
  inner: string,
  value: V,
): ReadonlyMap<string, ReadonlyMap<string, V>> {
  return new Map(map).set(outer, new Map(map.get(outer)).set(inner, value));
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
