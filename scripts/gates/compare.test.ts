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

type Change = readonly [path: string, change: (text: string) => string];

/** What the gate says of a contract in which these files were changed. */
function compareAfter(changes: readonly Change[]): string[] {
  const head = copyContract();
  for (const [path, change] of changes) {
    const before = readFileSync(join(head, path), "utf8");
    const after = change(before);
    expect(after, path).not.toBe(before);
    writeFileSync(join(head, path), after);
  }
  return compareContracts(copyContract(), head);
}

const file = "proto/lyceum/files/v1/file.proto";
const identity = "proto/lyceum/identity/v1/identity_service.proto";
const rag = "proto/lyceum/rag/v1/rag_service.proto";
const deleted = "proto/lyceum/files/v1/file_deleted.avsc";
const uploaded = "proto/lyceum/files/v1/file_uploaded.avsc";
const purged = "proto/lyceum/files/v1/file_purged.avsc";

test("a contract with a new optional field, and a new event field with a default, passes", () => {
  expect(
    compareAfter([
      [file, (text) => text.replace("message File {", "message File {\n  // A note.\n  string note = 99;\n")],
      [
        deleted,
        (text) => {
          const schema = JSON.parse(text);
          schema.fields.push({ name: "note", type: "string", default: "", doc: "A note." });
          return JSON.stringify(schema);
        },
      ],
    ]),
  ).toEqual([]);
});

// A tool that compares one contract with another takes a second, so the bad changes are made side by side.
test("each bad change is refused by name", () => {
  const found = compareAfter([
    [file, (text) => text.replace("string sha256 = 5", "string hash = 5")],
    [identity, (text) => text.replace(/ {2}rpc GetAccount[\s\S]*?\n {2}}\n/, "")],
    [identity, (text) => text.replace('get: "/v1/auth/sessions"', 'get: "/v1/auth/my-sessions"')],
    [rag, (text) => text.replace('post: "/v1/search"', 'put: "/v1/search"')],
    [rag, (text) => text.replace(/(post: "\/v1\/ask"\s+body: )"\*"/, '$1"question"')],
    [deleted, (text) => text.replace('"fields": [', '"fields": [{"name":"why","type":"string","doc":"Why."},')],
    [uploaded, (text) => text.replace(/("name": "sizeBytes",\s+"type": )"long"/, '$1"string"')],
  ]);
  for (const words of [
    /file\.proto.*"sha256"/,
    /"GetAccount"/,
    /ListSessions: REST was `get \/v1\/auth\/sessions`/,
    /Search: REST was `post \/v1\/search/,
    /Ask: REST was `post \/v1\/ask body: \*`, now it is `post \/v1\/ask body: question`/,
    /file_deleted\.avsc|FileDeleted/,
    /file_uploaded\.avsc|FileUploaded/,
  ]) {
    expect(
      found.filter((line) => words.test(line)),
      `${words}`,
    ).not.toEqual([]);
  }
});

test("a removed event is refused", () => {
  const head = copyContract();
  rmSync(join(head, purged));
  expect(compareContracts(copyContract(), head)).toEqual([`${purged}: the event is gone`]);
});
