import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { expect, test } from "vitest";

test("the README's tour does what it says", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8");
  const tour = /```sh tour\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(tour).toBeTruthy();
  const folder = mkdtempSync(join(tmpdir(), "lyceum-tour-"));
  try {
    await using program = await startProgram(join(folder, "home"));
    const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", tour ?? ""], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, LYCEUM_URL: program.url },
      timeout: 60_000,
    });
    expect(stdout).toContain("at new and full moon");
    expect(stdout).toMatch(/^event: citation$/m);
    expect(stdout).toMatch(/^event: done$/m);
    expect(stdout).toMatch(/^[0-9a-f]{64}$/m);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 150_000);
