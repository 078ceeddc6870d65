import { Code } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { toPublicError } from "./map-errors.ts";

test("a statement that Postgres ended for its timeout is a deadline that has passed, not a bug", () => {
  const ended = Object.assign(new Error("canceling statement due to statement timeout"), { code: "57014" });
  const error = toPublicError(new Error("Failed query: select pg_sleep(60)", { cause: ended }), "trace");
  expect(error).toMatchObject({ code: Code.DeadlineExceeded, rawMessage: "A step of this call took too long." });
});
