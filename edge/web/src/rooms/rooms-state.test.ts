import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  FinishReason,
  MemberRole,
  MessageKind,
  PresenceState,
  type Room,
  RoomSchema,
  SubscribeResponseSchema,
} from "@lyceum/client";
import { describe, expect, test } from "vitest";
import {
  countUnread,
  dropRoom,
  forgetTyping,
  markRead,
  noRooms,
  type RoomsState,
  setRoom,
  sortRooms,
  takeResponse,
} from "./rooms-state.ts";
import { emptyTimeline } from "./timeline.ts";

type Event = MessageInitShape<typeof SubscribeResponseSchema>["event"];

const room = (id: string, more: MessageInitShape<typeof RoomSchema> = {}): Room =>
  create(RoomSchema, {
    id,
    lastSeq: 3n,
    lastChange: 3n,
    readSeq: 3n,
    lastMessageTime: timestampFromMs(1_000),
    ...more,
  });
const start: RoomsState = {
  ...[room("r"), room("s", { lastMessageTime: timestampFromMs(2_000) })].reduce(setRoom, {
    ...noRooms,
    rooms: new Map(),
  }),
  timelines: new Map([["r", emptyTimeline]]),
};
const hear = (state: RoomsState, ...events: Event[]) =>
  events.reduce((now, event) => takeResponse(now, create(SubscribeResponseSchema, { event }), "me", 10_000), state);
const message = (seq: bigint, senderId = "bob"): Event => ({
  case: "message",
  value: { id: `m${seq}`, roomId: "r", seq, change: seq, senderId, createTime: timestampFromMs(3_000) },
});

describe("hearing of a message", () => {
  test("shows it, counts it as unread and puts its room at the top", () => {
    const state = hear(start, message(4n));
    expect(state.timelines.get("r")?.messages.map(({ id }) => id)).toEqual(["m4"]);
    expect(countUnread(state.rooms?.get("r") as Room)).toBe(1);
    expect(sortRooms(state.rooms ?? new Map()).map(({ id }) => id)).toEqual(["r", "s"]);
  });

  test("of one's own counts as read; hearing of it again changes nothing", () => {
    const state = hear(start, message(4n, "me"), message(4n, "me"));
    expect(countUnread(state.rooms?.get("r") as Room)).toBe(0);
    expect(state.timelines.get("r")?.messages).toHaveLength(1);
  });

  test("ends its sender's writing", () => {
    const typing = hear(start, { case: "typing", value: { roomId: "r", userId: "bob" } });
    expect([...(typing.typing.get("r")?.keys() ?? [])]).toEqual(["bob"]);
    expect(hear(typing, message(4n)).typing.get("r")?.size).toBe(0);
  });
});

test("writing is forgotten after a while, and one's own is not told", () => {
  const state = hear(
    start,
    { case: "typing", value: { roomId: "r", userId: "bob" } },
    { case: "typing", value: { roomId: "r", userId: "me" } },
  );
  expect(forgetTyping(state, 15_999).typing.get("r")?.size).toBe(1);
  expect(forgetTyping(state, 16_000).typing.get("r")?.size).toBe(0);
});

test("reading never moves back, here or on another device", () => {
  const read = hear(hear(start, message(4n), message(5n)), {
    case: "read",
    value: { roomId: "r", userId: "me", seq: 5n },
  });
  expect(countUnread(read.rooms?.get("r") as Room)).toBe(0);
  expect(markRead(read, "r", 2n)).toBe(read);
  const others = hear(read, { case: "read", value: { roomId: "r", userId: "bob", seq: 4n } });
  expect(others.reads.get("r")?.get("bob")).toBe(4n);
});

test("a room as a call answered it does not undo what was heard meanwhile", () => {
  const state = setRoom(hear(start, message(9n)), room("r", { title: "New", memberCount: 4 }));
  expect(state.rooms?.get("r")).toMatchObject({ title: "New", memberCount: 4, lastSeq: 9n, readSeq: 3n });
});

describe("membership", () => {
  const change = (userId: string, removed: boolean, role: MemberRole = MemberRole.MEMBER): Event => ({
    case: "membership",
    value: { roomId: "r", change: 8n, userId, role, removed },
  });

  test("of others has the members fetched anew", () => {
    expect(hear(start, change("bob", true)).membershipChanges.get("r")).toBe(8n);
  });

  test("of one's own changes the role, or takes everything of the room away", () => {
    expect(hear(start, change("me", false, MemberRole.OWNER)).rooms?.get("r")?.role).toBe(MemberRole.OWNER);
    const gone = hear(start, message(4n), change("me", true));
    expect([gone.rooms?.has("r"), gone.timelines.has("r")]).toEqual([false, false]);
    expect(gone).toEqual(dropRoom(hear(start, message(4n)), "r"));
  });
});

test("presence is of people, not of rooms", () => {
  const come: Event = { case: "presence", value: { userId: "bob", state: PresenceState.ONLINE } };
  const go: Event = { case: "presence", value: { userId: "bob", state: PresenceState.OFFLINE } };
  expect(hear(start, come).online.has("bob")).toBe(true);
  expect(hear(start, come, go).online.size).toBe(0);
  const write: Event = { case: "typing", value: { roomId: "r", userId: "bob" } };
  expect(hear(start, write).online.has("bob")).toBe(true);
});

test("an assistant's message grows until it says why it ended", () => {
  const begun = hear(start, message(4n, "assistant"), {
    case: "answer",
    value: { roomId: "r", messageId: "m4", answerId: "a", offset: 0, delta: "Spring" },
  });
  expect(begun.growing.get("m4")?.text).toBe("Spring");
  const whole = {
    id: "m4",
    roomId: "r",
    seq: 4n,
    change: 5n,
    kind: MessageKind.ASSISTANT,
    text: "Spring tides [1].",
    finishReason: FinishReason.STOP,
  };
  const ended = hear(begun, { case: "messageEdited", value: whole });
  expect([ended.growing.has("m4"), ended.timelines.get("r")?.messages[0]?.text]).toEqual([false, "Spring tides [1]."]);
});
