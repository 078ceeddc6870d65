import { expect, test } from "vitest";
import { isDependencyMissing } from "./errors.ts";

const failure = (fields: object, cause?: unknown) => Object.assign(new Error("failed", { cause }), fields);

test.each([
  ["a refused connection", failure({ code: "ECONNREFUSED" })],
  ["fetch's wrapped one", new TypeError("fetch failed", { cause: failure({ code: "ECONNRESET" }) })],
  ["Postgres in recovery, wrapped by Drizzle", failure({ query: "…" }, failure({ code: "57P03" }))],
  ["Connect's unavailable", failure({ name: "ConnectError", code: 14 })],
  ["Connect's deadline_exceeded", failure({ name: "ConnectError", code: 4 })],
])("takes %s for a missing dependency", (_, error) => {
  expect(isDependencyMissing(error)).toBe(true);
});

test.each([
  ["a bug", new TypeError("x is not a function")],
  ["a violated constraint", failure({}, failure({ code: "23505" }))],
  ["a missing file", failure({ code: "ENOENT", syscall: "open" })],
  ["Connect's not_found", failure({ name: "ConnectError", code: 5 })],
  ["no error at all", undefined],
])("does not take %s for one", (_, error) => {
  expect(isDependencyMissing(error)).toBe(false);
});
