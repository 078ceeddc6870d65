import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { FieldPathElementSchema, ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, RequestInfoSchema, RetryInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { expect, test } from "vitest";
import { toProblem, withHttp } from "./problem.ts";

test("carries code, reason, metadata and the trace", () => {
  const error = new ConnectError("This address has an account.", Code.AlreadyExists, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "EMAIL_TAKEN", domain: "lyceum", metadata: { hint: "sign in" } } },
  ]);
  expect(toProblem(error, "0af7651916cd43dd8448eb211c80319c")).toEqual({
    status: 409,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    body: {
      type: "about:blank",
      title: "Conflict",
      status: 409,
      detail: "This address has an account.",
      code: "already_exists",
      reason: "EMAIL_TAKEN",
      metadata: { hint: "sign in" },
      violations: [],
      traceId: "0af7651916cd43dd8448eb211c80319c",
    },
  });
});

test("names violated fields as they are in JSON", () => {
  const error = new ConnectError("bad", Code.InvalidArgument, undefined, [
    {
      desc: ViolationsSchema,
      value: {
        violations: [
          {
            field: {
              elements: [
                create(FieldPathElementSchema, { fieldName: "file_ids", subscript: { case: "index", value: 2n } }),
                create(FieldPathElementSchema, { fieldName: "heading_path" }),
              ],
            },
            ruleId: "string.max_len",
            message: "must be at most 64 characters",
          },
        ],
      },
    },
  ]);
  expect(toProblem(error, "").body.violations).toEqual([
    { field: "fileIds[2].headingPath", rule: "string.max_len", message: "must be at most 64 characters" },
  ]);
});

test("says when to try again, from RetryInfo or from metadata", () => {
  const detailed = new ConnectError("full", Code.ResourceExhausted, undefined, [
    { desc: RetryInfoSchema, value: { retryDelay: { seconds: 2n, nanos: 1 } } },
  ]);
  expect(toProblem(detailed, "").headers["retry-after"]).toBe("3");
  const plain = new ConnectError("full", Code.ResourceExhausted, { "Retry-After": "7" });
  expect(toProblem(plain, "").headers["retry-after"]).toBe("7");
});

test("never shows the text of an unexpected error", () => {
  const thrown = toProblem(new Error("password=hunter2"), "t");
  expect(thrown.body).toMatchObject({ status: 500, code: "internal", traceId: "t" });
  expect(JSON.stringify(thrown)).not.toContain("hunter2");
  expect(JSON.stringify(toProblem(new ConnectError("hunter2", Code.Unknown), ""))).not.toContain("hunter2");
});

test("takes aborts and timeouts for what they are", () => {
  expect(toProblem(AbortSignal.abort().reason, "").body.code).toBe("canceled");
  expect(toProblem(new DOMException("late", "TimeoutError"), "").body.code).toBe("deadline_exceeded");
});

test("takes the trace from the error if none is given", () => {
  const error = new ConnectError("gone", Code.NotFound, undefined, [
    { desc: RequestInfoSchema, value: { requestId: "abc" } },
  ]);
  expect(toProblem(error, "").body.traceId).toBe("abc");
});

test("a status of its own replaces that of the code", () => {
  const { status, headers, body } = toProblem(
    withHttp(new ConnectError("no", Code.Unimplemented), 405, { allow: "GET" }),
    "",
  );
  expect([status, headers.allow, body.title, body.code]).toEqual([405, "GET", "Method Not Allowed", "unimplemented"]);
});
