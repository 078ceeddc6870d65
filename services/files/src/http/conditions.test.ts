import { describe, expect, it } from "vitest";
import { rangeApplies, readConditions } from "./conditions.ts";

const validators = { etag: '"abc"', lastModified: new Date("2026-07-27T10:00:00Z") };
const before = "Mon, 27 Jul 2026 09:59:59 GMT";
const exactly = "Mon, 27 Jul 2026 10:00:00 GMT";

describe("readConditions", () => {
  it.each([
    [{}, "proceed"],
    [{ "if-none-match": '"abc"' }, "not-modified"],
    [{ "if-none-match": 'W/"abc"' }, "not-modified"],
    [{ "if-none-match": '"x", W/"y,z","abc"' }, "not-modified"],
    [{ "if-none-match": "*" }, "not-modified"],
    [{ "if-none-match": '"x"' }, "proceed"],
    [{ "if-none-match": '"x"', "if-modified-since": exactly }, "proceed"],
    [{ "if-modified-since": exactly }, "not-modified"],
    [{ "if-modified-since": before }, "proceed"],
    [{ "if-modified-since": "yesterday" }, "proceed"],
    [{ "if-match": '"abc"' }, "proceed"],
    [{ "if-match": "*" }, "proceed"],
    [{ "if-match": 'W/"abc"' }, "failed"],
    [{ "if-match": '"x"', "if-none-match": '"abc"' }, "failed"],
    [{ "if-unmodified-since": exactly }, "proceed"],
    [{ "if-unmodified-since": before }, "failed"],
    [{ "if-match": '"abc"', "if-unmodified-since": before }, "proceed"],
  ] as const)("answers %j with %s", (headers, outcome) => {
    expect(readConditions(headers, validators)).toBe(outcome);
  });
});

describe("rangeApplies", () => {
  it.each([
    [undefined, true],
    ['"abc"', true],
    [exactly, true],
    ['W/"abc"', false],
    ['"x"', false],
    [before, false],
    ["nonsense", false],
  ] as const)("with If-Range %s: %s", (ifRange, applies) => {
    expect(rangeApplies(ifRange, validators)).toBe(applies);
  });
});
