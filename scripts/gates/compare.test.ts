import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "../run-tool.ts";
import { compareContracts } from "./compare.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-gates-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copyContract(): string {
  const copy = mkdtempSync(join(folder, "tree-"));
  mkdirSync(join(copy, "proto"));
  for (const path of ["buf.yaml", "proto"]) cpSync(join(root, path), join(copy, path), { recursive: true });
  return copy;
}

function compareAfter(path: string, change: (text: string) => string): string[] {
  const head = copyContract();
  const before = readFileSync(join(head, path), "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(head, path), after);
  return compareContracts(copyContract(), head);
}

test("an unchanged contract passes", () => {
  expect(compareContracts(copyContract(), copyContract())).toEqual([]);
});

test("a new optional proto field and a new event field with a default pass", () => {
  expect(
    compareAfter("proto/lyceum/files/v1/file.proto", (text) =>
      text.replace("message File {", "message File {\n  // A note.\n  string note = 99;\n"),
    ),
  ).toEqual([]);
  expect(
    compareAfter("proto/lyceum/files/v1/file_deleted.avsc", (text) => {
      const schema = JSON.parse(text);
      schema.fields.push({ name: "note", type: "string", default: "", doc: "A note." });
      return JSON.stringify(schema);
    }),
  ).toEqual([]);
});

test.each([
  [
    "a renamed field",
    "proto/lyceum/files/v1/file.proto",
    (text: string) => text.replace("string sha256 = 5", "string hash = 5"),
  ],
  [
    "a removed RPC",
    "proto/lyceum/identity/v1/identity_service.proto",
    (text: string) => text.replace(/ {2}rpc GetAccount[\s\S]*?\n {2}}\n/, ""),
  ],
  [
    "another REST path",
    "proto/lyceum/identity/v1/identity_service.proto",
    (text: string) => text.replace("/v1/account", "/v1/my-account"),
  ],
  [
    "another REST verb",
    "proto/lyceum/rag/v1/rag_service.proto",
    (text: string) => text.replace('post: "/v1/search"', 'put: "/v1/search"'),
  ],
  [
    "another REST body",
    "proto/lyceum/rag/v1/rag_service.proto",
    (text: string) => text.replace('body: "*"', 'body: "query"'),
  ],
  [
    "an event field without a default",
    "proto/lyceum/files/v1/file_deleted.avsc",
    (text: string) => text.replace('"fields": [', '"fields": [{"name":"why","type":"string","doc":"Why."},'),
  ],
  [
    "an event field of another type",
    "proto/lyceum/files/v1/file_uploaded.avsc",
    (text: string) =>
      text.replace('"name": "sizeBytes",\n      "type": "long"', '"name": "sizeBytes",\n      "type": "string"'),
  ],
])("%s is refused", (_, path, change) => {
  expect(compareAfter(path, change)).not.toEqual([]);
});

test("a removed event is refused", () => {
  const head = copyContract();
  rmSync(join(head, "proto/lyceum/files/v1/file_deleted.avsc"));
  expect(compareContracts(copyContract(), head)).toEqual([
    "proto/lyceum/files/v1/file_deleted.avsc: the event is gone",
  ]);
});
