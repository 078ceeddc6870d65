import type { JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { bindRequest } from "./bind.ts";
import { toProblem } from "./problem.ts";
import { type RestRoute, readRoutes } from "./routes.ts";
import { ShelfService } from "./test-service.ts";

const routeOf = (rpc: string) => readRoutes([ShelfService]).find((route) => route.rpc.name === rpc) as RestRoute;

function refusalOf(rpc: string, body: JsonValue, captures: string[] = []): ConnectError {
  try {
    bindRequest(routeOf(rpc), { captures, query: "", body });
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("The request was taken.");
}

const violationsOf = (error: ConnectError) => toProblem(error, "").body.violations;

test("a body with a great many mistakes is refused with the first of them, and the rest is not looked at", () => {
  const unknown = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`x${at}`, 1]));
  const violations = violationsOf(refusalOf("AddBook", unknown));
  expect(violations).toHaveLength(50);
  expect(violations[0]).toEqual({ field: "x0", rule: "unknown_field", message: "There is no such field." });
  const looked = new Set<string>();
  const tags = new Proxy(Array(1_000).fill(1), {
    get(list, key) {
      if (/^\d+$/.test(String(key))) looked.add(String(key));
      return Reflect.get(list, key);
    },
  });
  expect(violationsOf(refusalOf("AddBook", { tags }))).toHaveLength(50);
  expect(looked.size).toBe(50);
});

test("deep nesting is refused as bad input, where a path variable stands too", () => {
  const deep = JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`);
  const objects = JSON.parse(`${'{"inner":'.repeat(50_000)}{}${"}".repeat(50_000)}`);
  for (const [rpc, body, captures] of [
    ["RenewBook", { bookId: deep }, ["7"]],
    ["AddBook", { tags: deep }, []],
    ["AddBook", { bookId: deep }, []],
    ["AddBook", { size: objects }, []],
  ] as const) {
    expect(refusalOf(rpc, body, [...captures]).code).toBe(Code.InvalidArgument);
  }
});

test("fields named like parts of JavaScript are unknown fields", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const body = JSON.parse(`{"${name}": {"bookId": "x"}}`);
    expect(violationsOf(refusalOf("AddBook", body))[0]).toMatchObject({ field: name, rule: "unknown_field" });
  }
  expect(({} as { bookId?: string }).bookId).toBeUndefined();
});
