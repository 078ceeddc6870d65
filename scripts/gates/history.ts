import { execFileSync } from "node:child_process";

/** A tree to compare with an earlier one; no `head` stands for the work tree. */
export type Comparison = { base: string; head?: string };

/** Which trees of the checkout at `root` the gates compare. Throws where the history they need is not there. */
export function listComparisons(root: string): Comparison[] {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  const start = git("log", "--diff-filter=A", "--format=%H", "--", "proto/GATED").split("\n").at(-1);
  if (!start) {
    if (git("ls-files", "proto/GATED") || git("rev-parse", "--is-shallow-repository") === "true")
      throw missingHistory();
    return [];
  }
  if (git("rev-parse", "--is-shallow-repository") === "true") throw missingHistory();
  const base = findMergeBase(git);
  if (base && base !== git("rev-parse", "HEAD")) return [{ base }];
  const commits = git("rev-list", "--reverse", `${start}..HEAD`, "--", "proto", "buf.yaml").split("\n").filter(Boolean);
  return [...commits.map((head) => ({ base: `${head}^`, head })), { base: "HEAD" }];
}

function findMergeBase(git: (...args: string[]) => string): string | undefined {
  try {
    return git("merge-base", "HEAD", "origin/main");
  } catch {
    return undefined;
  }
}

function missingHistory(): Error {
  return new Error("The gates need the whole history since proto/GATED was added: fetch it (git fetch --unshallow).");
}
