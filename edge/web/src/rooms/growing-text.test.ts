import { create } from "@bufbuild/protobuf";
import { AnswerGrownSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { type GrowingText, growText, joinText } from "./growing-text.ts";

const piece = (offset: number, delta: string, more: { done?: boolean; answerId?: string } = {}) =>
  create(AnswerGrownSchema, { answerId: "a", offset, delta, ...more });
const grow = (...pieces: ReturnType<typeof piece>[]) =>
  pieces.reduce<GrowingText | undefined>((known, next) => growText(known, next), undefined);

test("pieces join on where they belong, and a repeated one changes nothing", () => {
  expect(grow(piece(0, "Spring "), piece(7, "tides"), piece(0, "Spring "), piece(7, "tides"))?.text).toBe(
    "Spring tides",
  );
  expect(grow(piece(0, "Spring "), piece(4, "ng tides"))?.text).toBe("Spring tides");
});

test("after a hole only what follows it is known, and shown so", () => {
  const grown = grow(piece(0, "Spring "), piece(20, "at new moon"));
  expect(grown).toMatchObject({ from: 20, text: "at new moon" });
  expect(joinText("", grown)).toBe("… at new moon");
});

test("whoever comes later reads on from what the message holds already", () => {
  expect(joinText("Spring tides", grow(piece(7, "tides happen")))).toBe("Spring tides happen");
  expect(joinText("Spring tides happen", grow(piece(7, "tides")))).toBe("Spring tides happen");
  expect(joinText("Spring", undefined)).toBe("Spring");
});

test("another answer to the same question begins anew; the last piece says that it is the last", () => {
  expect(grow(piece(0, "First"), piece(0, "Second", { answerId: "b" }))).toMatchObject({
    answerId: "b",
    text: "Second",
  });
  expect(grow(piece(0, "First", { done: true }), piece(0, "Fi"))?.isDone).toBe(true);
});
