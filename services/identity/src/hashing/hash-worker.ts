import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { hashSync, verifySync } from "@node-rs/argon2";
import type { HashAnswer, HashTask } from "./hash-threads.ts";

/** A tenth of an ordinary thread's share: what else of the process wants a core goes first, and a busy machine still hashes. */
const niceness = 10;

/** Makes this thread alone give way. Only Linux has priorities of threads; elsewhere nothing changes. */
function giveWay(): void {
  try {
    const thread = readlinkSync("/proc/thread-self").split("/").at(-1);
    setPriority(Number(thread), niceness);
  } catch {
    // Hashing then shares the cores evenly.
  }
}

giveWay();
parentPort?.on("message", ({ password, stored, cost }: HashTask) => {
  try {
    const result = stored === undefined ? hashSync(password, cost) : verifySync(stored, password);
    parentPort?.postMessage({ result } satisfies HashAnswer);
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) } satisfies HashAnswer);
  }
});
