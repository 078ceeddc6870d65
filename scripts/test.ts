/**
 * `npm test [-- vitest arguments]`: runs every test on the embedded engines and ends with `N passed, N failed, N skipped`.
 * `npm run test:engines` runs the suites of the real engines instead, which it fetches and starts; `npm run test:interop` other
 * people's clients and tools.
 * The browser tests need a Chromium: without one they are skipped aloud, with `CI` set that is a failure.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "./chromium.ts";

const root = join(import.meta.dirname, "..");
const chromium = findChromium();
if (!chromium) {
  const warning = "No Chromium was found (CHROMIUM_PATH names one): the browser tests are SKIPPED.";
  if (process.env.CI) {
    console.error(`${warning} With CI set that is a failure.`);
    process.exit(1);
  }
  console.error(`\n*** ${warning} ***\n`);
}

const args = process.argv.slice(2);
const suite = /^--(engines|interop)$/.exec(args[0] ?? "")?.[1];
if (suite) args.shift();
const config = suite ? `vitest.${suite}.config.ts` : "vitest.config.ts";
const folder = mkdtempSync(join(tmpdir(), "lyceum-test-"));
const report = join(folder, "report.json");
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const run = spawnSync(
  process.execPath,
  [
    ...process.execArgv,
    ...[vitest, "run", "--config", config],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, CHROMIUM_PATH: chromium ?? "" } },
);
const counts = existsSync(report)
  ? (JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
    })
  : undefined;
rmSync(folder, { recursive: true, force: true });

const failed = counts?.numFailedTests ?? 0;
// A suite that does not even load fails the run without a failed test: count it as one.
const shown = run.status !== 0 && failed === 0 ? 1 : failed;
console.log(
  `${counts?.numPassedTests ?? 0} passed, ${shown} failed, ${(counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0)} skipped`,
);
process.exit(shown === 0 ? 0 : 1);
