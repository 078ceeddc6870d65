import { Code, ConnectError } from "@connectrpc/connect";
import { ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { expect, test } from "vitest";
import { fail, invalidField } from "./errors.ts";
import { describeError } from "./log.ts";
import { newId } from "./new-id.ts";
import { readPage, writePageToken } from "./page.ts";
import { continueTrace } from "./trace.ts";

test("ids are UUIDs of version 7 that sort in the order they were made", () => {
  const ids = Array.from({ length: 10_000 }, newId);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  expect(Math.abs(Number.parseInt((ids[0] as string).replace("-", "").slice(0, 12), 16) - Date.now())).toBeLessThan(
    2_000,
  );
});

test("pages have a size within bounds, and a token that carries a key", () => {
  expect(readPage({ pageSize: 0, pageToken: "" })).toEqual({ limit: 50, after: undefined });
  expect(readPage({ pageSize: 0, pageToken: "" }, 20).limit).toBe(20);
  expect(readPage({ pageSize: 900, pageToken: "" }).limit).toBe(250);
  const key = { id: "ö", time: 1 };
  expect(readPage({ pageSize: 3, pageToken: writePageToken(key) })).toEqual({ limit: 3, after: key });
});

test("a damaged page token is refused by the field's name", () => {
  const error = ConnectError.from(expectToThrow(() => readPage({ pageSize: 0, pageToken: "%%%" })));
  expect(error.code).toBe(Code.InvalidArgument);
  expect(error.findDetails(ViolationsSchema)[0]?.violations[0]?.field?.elements[0]?.fieldName).toBe("page_token");
});

test("errors carry a reason, or the field that is wrong", () => {
  const error = fail(Code.NotFound, "FILE_NOT_FOUND", "No such file.", { id: "7" });
  expect(error.findDetails(ErrorInfoSchema)[0]).toMatchObject({
    reason: "FILE_NOT_FOUND",
    domain: "lyceum",
    metadata: { id: "7" },
  });
  expect(invalidField("a.b", "is odd").findDetails(ViolationsSchema)[0]?.violations[0]?.field?.elements).toMatchObject([
    { fieldName: "a" },
    { fieldName: "b" },
  ]);
});

test("a trace goes on from a well-formed traceparent only", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const { traceparent } = continueTrace(`00-${traceId}-b7ad6b7169203331-01`);
  expect(traceparent).toMatch(new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
  for (const bad of [undefined, null, "", `00-${traceId}-b7ad`, `00-${"0".repeat(32)}-b7ad6b7169203331-01`]) {
    expect(continueTrace(bad).traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(continueTrace(bad).traceId).not.toBe(traceId);
  }
});

test("logged errors carry no parameters of statements", () => {
  const error = Object.assign(new Error("Failed query: insert\nparams: hunter2"), {
    query: "insert into accounts values ($1)",
    params: ["hunter2"],
    cause: Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (email)=(a@b.c)" }),
  });
  const text = JSON.stringify(describeError(error));
  expect(text).toContain("insert into accounts values ($1)");
  expect(text).toContain("23505");
  expect(text).not.toMatch(/hunter2|a@b\.c/);
});

function expectToThrow(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return expect.fail("It did not throw.");
}
