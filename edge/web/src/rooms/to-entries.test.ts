import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { MessageKind, MessageSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { toEntries } from "./to-entries.ts";

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
const show = (...given: Parameters<typeof toEntries>) =>
  toEntries(...given).map((entry) =>
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
  expect(show([say(1, 0), say(2, 1), say(3, 1)], 1n)).toEqual(["day", "m1!", "unread", "m2!", "m3"]);
  expect(show([say(7, 0), say(8, 1)], 3n)).toEqual(["day", "unread", "m7!", "m8"]);
  expect(show([say(1, 0)], 1n)).toEqual(["day", "m1!"]);
});
