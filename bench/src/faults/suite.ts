import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "../../../scripts/chromium.ts";
import type { Figure } from "../figure.ts";
import type { Mode } from "./deployment.ts";

const root = join(import.meta.dirname, "../../..");

/** A fault whose invariant is held by tests: how many of them fail. In `browser` they drive one: without it nothing is measured. */
export async function runSuite(
  id: string,
  name: string,
  mode: Mode,
  files: readonly string[],
  pattern?: string,
  { env = {}, browser = false }: { env?: Readonly<Record<string, string>>; browser?: boolean } = {},
): Promise<Figure[]> {
  const chromium = findChromium();
  if (browser && !chromium) {
    console.error(`\n*** No Chromium was found (CHROMIUM_PATH names one): ${id}, ${name}, is NOT MEASURED. ***\n`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "lyceum-suite-"));
  const report = join(folder, "report.json");
  const config = mode === "scaled" ? "vitest.engines.config.ts" : "vitest.config.ts";
  const args = ["run", "--config", config, "--reporter=json", `--outputFile=${report}`, ...files];
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  spawnSync(process.execPath, [vitest, ...args, ...(pattern ? ["-t", pattern] : [])], {
    cwd: root,
    stdio: "ignore",
    env: { ...process.env, CHROMIUM_PATH: chromium ?? "", ...env },
  });
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  rmSync(folder, { recursive: true, force: true });
  // A suite that ran nothing has proved nothing.
  const value = numPassedTests === 0 ? 1 : numFailedTests;
  return [
    { id, name: `${name}: tests that fail`, value, unit: "", bound: "<= 0", note: `${mode}; ${numPassedTests} passed` },
  ];
}
