import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { MessageKind, MessageSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { toEntries, type Unread } from "./to-entries.ts";

const noon = new Date(2026, 4, 4, 12).getTime();
const say = (seq: number, minute: number, more: MessageInitShape<typeof MessageSchema> = {}) =>
  create(MessageSchema, {
    id: `m${seq}`,
    seq: BigInt(seq),
    kind: MessageKind.TEXT,
    senderId: "ada",
    createTime: timestampFromMs(noon + minute * 60_000),
    ...more,
  });
const show = (messages: Parameters<typeof toEntries>[0], unread?: Unread) =>
  toEntries(messages, "me", unread).map((entry) =>
    entry.kind === "message" ? `${entry.key}${entry.isFirst ? "!" : ""}` : entry.kind,
  );

test("messages of one sender go on until somebody else speaks or a while passes", () => {
  const messages = [say(1, 0), say(2, 1), say(3, 2, { senderId: "bob" }), say(4, 3), say(5, 9)];
  expect(show(messages)).toEqual(["day", "m1!", "m2", "m3!", "m4!", "m5!"]);
});

test("each day has its line, and memberships are told as they happened", () => {
  const messages = [say(1, 0), say(2, 1, { kind: MessageKind.MEMBERSHIP }), say(3, 24 * 60)];
  expect(show(messages)).toEqual(["day", "m1!", "notice", "day", "m3!"]);
});

test("one line stands before the first unread message that is known", () => {
  const upTo = 9n;
  expect(show([say(1, 0), say(2, 1), say(3, 1)], { after: 1n, upTo })).toEqual(["day", "m1!", "unread", "m2!", "m3"]);
  expect(show([say(7, 0), say(8, 1)], { after: 3n, upTo })).toEqual(["day", "unread", "m7!", "m8"]);
  expect(show([say(1, 0)], { after: 1n, upTo })).toEqual(["day", "m1!"]);
});

test("what one wrote oneself, or watched arrive, is not called new", () => {
  const mine = say(1, 0, { senderId: "me" });
  expect(show([mine, say(2, 0)], { after: 0n, upTo: 2n })).toEqual(["day", "m1!", "unread", "m2!"]);
  expect(show([mine, say(2, 0)], { after: 0n, upTo: 1n })).toEqual(["day", "m1!", "m2!"]);
});
