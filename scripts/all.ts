/** `npm run all`: everything CI asks of a change, the quick checks first, the tests last. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, runTool } from "./run-tool.ts";

const checks = ["generate:check", "lint:proto", "gates", "lint", "typecheck", "boundaries", "dead-code", "build"];

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
// One at a time: on two cores parallel checks only make each other slower and their output unreadable.
const turbo = runTool("turbo", ["run", ...checks, "--concurrency=1", "--output-logs=errors-only", "--env-mode=loose"], {
  stdio: "inherit",
  env,
});
if (turbo.status !== 0) process.exit(turbo.status ?? 1);
const tests = spawnSync(process.execPath, [join(root, "scripts/test.ts")], { cwd: root, stdio: "inherit", env });
process.exit(tests.status ?? 1);
