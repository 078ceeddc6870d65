import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "@lyceum/service";
import { tempFolder } from "@lyceum/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startIdentity, type TestIdentity } from "../test-identity.ts";
import { openSealing } from "./sealing.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

test("a sealed text opens for its owner, unchanged, with the key of the folder or the one that is given", async () => {
  const { db } = identity.host.database;
  const home = await tempFolder();
  const { seal, open } = await openSealing(db, home, undefined);
  const sealed = await seal(db, "secret ü", "ada");
  expect(sealed).not.toBe(await seal(db, "secret ü", "ada"));
  expect(open(sealed, "ada")).toBe("secret ü");
  expect(() => open(sealed, "bob")).toThrow();
  expect(() => open(`${sealed.slice(0, 20)}${sealed[20] === "A" ? "B" : "A"}${sealed.slice(21)}`, "ada")).toThrow();
  expect(() => open(sealed.slice(0, 10), "ada")).toThrow();

  const file = join(home, "sealing.key");
  expect(statSync(file).mode & 0o077).toBe(0);
  const given = readFileSync(file, "utf8");
  expect((await openSealing(db, await tempFolder(), given)).open(sealed, "ada")).toBe("secret ü");
  // Once something is sealed, another key would lock everybody out: that is no start.
  await expect(openSealing(db, await tempFolder(), undefined)).rejects.toThrow(StartError);
});
