/**
 * `npm run gates`: the contract only grows. Compares protos (`buf breaking` FILE), REST routes and Avro events with the merge
 * base with origin/main; on main itself, each commit since `proto/GATED` was added with its parent, and the work tree with HEAD.
 * Missing history is a failure, since a gate that skips is open.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareContracts } from "./gates/compare.ts";
import { listComparisons } from "./gates/history.ts";
import { root } from "./run-tool.ts";

const folder = mkdtempSync(join(tmpdir(), "lyceum-gates-"));
try {
  let broken = 0;
  for (const { base, head } of listComparisons(root)) {
    const found = compareContracts(checkOut(base), head ? checkOut(head) : copyWorkTree());
    for (const sentence of found)
      console.error(`${head?.slice(0, 9) ?? "work tree"} against ${base.slice(0, 9)}: ${sentence}`);
    broken += found.length;
  }
  process.exitCode = broken === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function checkOut(commit: string): string {
  const target = mkdtempSync(join(folder, "tree-"));
  const archive = execFileSync("git", ["archive", commit, "buf.yaml", "proto"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  execFileSync("tar", ["-x", "-C", target], { input: archive });
  return target;
}

function copyWorkTree(): string {
  const target = mkdtempSync(join(folder, "tree-"));
  mkdirSync(join(target, "proto"));
  for (const path of ["buf.yaml", "proto"]) cpSync(join(root, path), join(target, path), { recursive: true });
  return target;
}
