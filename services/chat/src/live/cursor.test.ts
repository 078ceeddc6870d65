import { expect, test } from "vitest";
import { type FeedIdentity, readCursor, writeCursor } from "./cursor.ts";

const feed: FeedIdentity = { id: "00112233445566ff", secret: "ab".repeat(32) };

test("a cursor says where to go on, in a few characters", () => {
  const cursor = writeCursor(feed, 2 ** 40 + 7);
  expect(readCursor(feed, cursor)).toEqual({ horizon: 2 ** 40 + 7 });
  expect(cursor).toMatch(/^[\w-]{34}$/);
});

test("a cursor of another home is foreign, also one that is signed with our secret", () => {
  expect(readCursor(feed, writeCursor({ ...feed, id: "ffeeddccbbaa9988" }, 7))).toEqual({ reason: "FOREIGN" });
});

test("no byte of a cursor can be changed", () => {
  const bytes = Buffer.from(writeCursor(feed, 1_000), "base64url");
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] as number) ^ 1;
    expect(readCursor(feed, changed.toString("base64url"))).toHaveProperty("reason");
  }
});

test.each(["x", "\0", "🐦".repeat(60), "A".repeat(34), `${writeCursor(feed, 1)}=`, `${writeCursor(feed, 1)}A`, " "])(
  "%j is a damaged cursor",
  (cursor) => {
    expect(readCursor(feed, cursor)).toEqual({ reason: "DAMAGED" });
  },
);
