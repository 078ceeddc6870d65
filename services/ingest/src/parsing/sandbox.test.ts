import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempFolder } from "@lyceum/testing";
import { expect, test } from "vitest";
import { defaultLimits } from "./limits.ts";
import { startSandboxed } from "./sandbox.ts";

const probe = new URL("../testing/probing-child.ts", import.meta.url);

// The links of node_modules/@lyceum lead to workspaces: by letters this lies in node_modules, in truth outside.
const pastLink = `${fileURLToPath(new URL("../../../../node_modules/@lyceum/text", import.meta.url))}/../../package.json`;

test("a child reaches no network, writes nothing, starts nothing and reads only its folder", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const folder = await tempFolder();
  const elsewhere = join(await tempFolder(), "secret");
  await writeFile(elsewhere, "secret");
  const { port } = server.address() as AddressInfo;
  await writeFile(join(folder, "input"), JSON.stringify({ port, elsewhere, pastLink }));
  expect(await readFile(pastLink, "utf8")).toContain("workspaces");
  const child = await startSandboxed(probe, folder, defaultLimits);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stdin?.end(join(folder, "input"));
  await once(child, "exit");
  server.close();
  const outcomes = JSON.parse(output) as Record<string, string>;
  expect(Object.keys(outcomes)).toHaveLength(14);
  expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== "refused")).toEqual([["read own file", "done"]]);
  expect(await readFile(elsewhere, "utf8")).toBe("secret");
});
