import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { listComparisons } from "./history.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-history-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openRepository() {
  const path = mkdtempSync(join(folder, "repository-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
      cwd: path,
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  git("init", "-q", "-b", "main");
  mkdirSync(join(path, "proto"));
  let text = 0;
  const commit = (file: string) => {
    writeFileSync(join(path, file), `${text++}`);
    git("add", "-A");
    git("commit", "-q", "-m", "Change");
    return git("rev-parse", "HEAD");
  };
  return { path, git, commit };
}

test("before the gate begins nothing is compared", () => {
  const { path, commit } = openRepository();
  commit("proto/a");
  expect(listComparisons(path)).toEqual([]);
});

test("on main itself each commit to the contract since the gate began is compared with its parent", () => {
  const { path, commit } = openRepository();
  commit("proto/a");
  commit("proto/GATED");
  commit("README");
  const changed = commit("proto/a");
  expect(listComparisons(path)).toEqual([{ base: `${changed}^`, head: changed }, { base: "HEAD" }]);
});

test("elsewhere the work tree is compared with the merge base", () => {
  const { path, git, commit } = openRepository();
  const base = commit("proto/GATED");
  git("update-ref", "refs/remotes/origin/main", base);
  commit("proto/a");
  expect(listComparisons(path)).toEqual([{ base }]);
});

test("missing history is a failure", () => {
  const { path, git, commit } = openRepository();
  commit("proto/GATED");
  commit("proto/a");
  const shallow = join(folder, "shallow");
  git("clone", "-q", "--depth", "1", `file://${path}`, shallow);
  expect(() => listComparisons(shallow)).toThrow("whole history");
});
