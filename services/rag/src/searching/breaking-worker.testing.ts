/** The search worker, except that the first one of a process breaks off at its first search. */
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";

const mark = join(tmpdir(), `breaking-worker-${process.pid}`);
if (existsSync(mark)) {
  await import("./search-worker.ts");
} else {
  writeFileSync(mark, "");
  parentPort?.on("message", () => process.exit(1));
}
