import { describe, expect, it } from "vitest";
import { readRange } from "./range.ts";

describe("readRange", () => {
  it.each([
    ["bytes=0-0", { start: 0, end: 0 }],
    ["bytes=0-", { start: 0, end: 99 }],
    ["bytes=10-19", { start: 10, end: 19 }],
    ["BYTES=10-19", { start: 10, end: 19 }],
    ["bytes=90-1000", { start: 90, end: 99 }],
    ["bytes=90-99999999999999999999999", { start: 90, end: 99 }],
    ["bytes=-1", { start: 99, end: 99 }],
    ["bytes=-100", { start: 0, end: 99 }],
    ["bytes=-99999999999999999999999", { start: 0, end: 99 }],
  ])("reads %s of 100 bytes", (header, range) => {
    expect(readRange(header, 100)).toEqual(range);
  });

  it.each(["bytes=100-", "bytes=100-200", "bytes=99999999999999999999-", "bytes=-0"])("cannot satisfy %s", (header) => {
    expect(readRange(header, 100)).toBe("unsatisfiable");
  });

  it.each([
    undefined,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=--5",
    "bytes=-5-",
    "bytes=5-2",
    "bytes=a-b",
    "bytes=0x0-5",
    "bytes=1.5-3",
    "bytes=0-1,3-4",
    "bytes=0-10,5-20",
    "items=0-5",
    "bytes 0-5",
    "bytes=99999999999999999999999-99999999999999999999998",
  ])("ignores %s", (header) => {
    expect(readRange(header, 100)).toBe("whole");
  });

  it("satisfies no range of an empty file", () => {
    for (const header of ["bytes=0-", "bytes=0-0", "bytes=-1"]) expect(readRange(header, 0)).toBe("unsatisfiable");
  });
});
