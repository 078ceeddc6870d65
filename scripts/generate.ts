/**
 * `npm run generate`: writes `gen` from `proto`. With `--check` it fails if what is written differs from what is committed.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, runTool } from "./run-tool.ts";

function step(what: string, run: () => { status: number | null }): void {
  if (run().status === 0) return;
  console.error(`generate: ${what} failed.`);
  process.exit(1);
}

const script = (name: string) => () => spawnSync(process.execPath, [join(root, "scripts", name)], { stdio: "inherit" });

step("writing proto/vendor", script("protos.ts"));
step("buf generate", () => runTool("buf", ["generate"], { stdio: "inherit" }));
step("writing gen/events", script("generate-events.ts"));
step("writing gen/openapi", script("generate-openapi.ts"));

if (process.argv.includes("--check")) {
  const { stdout } = spawnSync("git", ["status", "--porcelain", "--", "gen"], { cwd: root, encoding: "utf8" });
  if (stdout.trim()) {
    console.error(`gen is not what its sources say. Run \`npm run generate\` and commit:\n${stdout}`);
    process.exit(1);
  }
}
