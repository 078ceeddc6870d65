import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { root, runTool } from "./run-tool.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Import = readonly [rule: string, from: string, specifier: string];

const forbidden: Import[] = [
  ["services-stand-alone", "services/files/src/a.ts", "@lyceum/rag"],
  ["services-stand-alone", "services/files/src/b.ts", "../../rag/src/index.ts"],
  ["services-stand-alone", "services/files/src/c.ts", "@lyceum/gateway"],
  ["lib-below-services", "lib/service/src/a.ts", "@lyceum/files"],
  ["gen-imports-nothing-of-ours", "gen/src/a.ts", "@lyceum/service"],
  ["only-embedded-imports-services", "edge/gateway/src/a.ts", "@lyceum/files"],
  ["page-uses-only-the-client", "edge/web/src/a.ts", "@lyceum/gen"],
  ["cli-uses-only-the-client", "edge/cli/src/a.ts", "@lyceum/service"],
  ["client-uses-only-gen", "edge/client/src/a.ts", "@lyceum/service"],
  ["rest-stands-alone", "lib/rest/src/a.ts", "@lyceum/service"],
  ["postgres-in-database", "services/files/src/d.ts", "postgres"],
  ["resolvable", "services/files/src/e.ts", "./missing.ts"],
];

const allowed: Import[] = [
  ["", "services/files/src/a.ts", "@lyceum/service"],
  ["", "lib/database/src/a.ts", "postgres"],
  ["", "edge/embedded/src/a.ts", "@lyceum/rag"],
  ["", "edge/web/src/a.ts", "@lyceum/client"],
  ["", "edge/cli/src/a.ts", "@lyceum/client"],
];

const workspaces = [
  "gen",
  "lib/service",
  "lib/database",
  "lib/rest",
  "services/files",
  "services/rag",
  "edge/gateway",
  "edge/web",
  "edge/cli",
  "edge/client",
  "edge/embedded",
];

/** A tree of workspaces in which each file imports what is said, cruised by the project's own rules. */
function cruise(imports: readonly Import[]) {
  const tree = mkdtempSync(join(tmpdir(), "lyceum-boundaries-"));
  folders.push(tree);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  write("package.json", JSON.stringify({ name: "tree", dependencies: { postgres: "*" } }));
  write("node_modules/postgres/package.json", JSON.stringify({ name: "postgres", main: "index.js" }));
  write("node_modules/postgres/index.js", "");
  mkdirSync(join(tree, "node_modules/@lyceum"), { recursive: true });
  for (const path of workspaces) {
    const name = `@lyceum/${path.split("/").at(-1)}`;
    write(`${path}/package.json`, JSON.stringify({ name, type: "module", exports: { ".": "./src/index.ts" } }));
    write(`${path}/src/index.ts`, "export const here = 1;\n");
    symlinkSync(join(tree, path), join(tree, "node_modules", name));
  }
  for (const [, from, specifier] of imports) {
    write(from, `import { here } from "${specifier}";\nexport const there = here;\n`);
  }
  const config = join(root, ".dependency-cruiser.cjs");
  return runTool("depcruise", ["--config", config, "gen", "lib", "services", "edge"], { cwd: tree });
}

test("each forbidden import is found, and by its rule", () => {
  const { status, stdout } = cruise(forbidden);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
  const lines = stdout.replace(/\u001b\[\d+m/g, "").split("\n");
  for (const [rule, from] of forbidden) {
    expect(
      lines.filter((line) => line.includes(`${rule}: ${from} `)),
      `${rule}: ${from}`,
    ).toHaveLength(1);
  }
  expect(status).not.toBe(0);
});

test("what imports as it may is left alone", () => {
  const { status, stdout } = cruise(allowed);
  expect(stdout).toContain("no dependency violations found");
  expect(status).toBe(0);
});

test("the rules see every import of the project's own sources", () => {
  const config = join(root, ".dependency-cruiser.cjs");
  const { stdout } = runTool("depcruise", ["--config", config, "lib/service", "--output-type", "json"]);
  const { modules } = JSON.parse(stdout) as { modules: { source: string; dependencies: unknown[] }[] };
  const service = modules.filter(({ source }) => source.startsWith("lib/service/src/") && source.endsWith(".ts"));
  expect(service.some(({ dependencies }) => dependencies.length > 0)).toBe(true);
});
