import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = join(import.meta.dirname, "../..");

/** Lyceum as `npm start` runs it, without the bootstrap. */
export type Program = {
  url: string;
  /** From the spawn until `/readyz` answered 200. */
  readyMs: number;
  /** Resident memory of the process and all below it, proportional shares (PSS), in bytes; Linux only. */
  memoryBytes(): number;
  stop(): Promise<void>;
};

/** Starts Lyceum on a free port and waits until it is ready, at most 90 s. */
export async function startProgram(home: string): Promise<Program> {
  const port = await findFreePort();
  const start = performance.now();
  const child = spawn(process.execPath, [join(root, "edge/embedded/src/main.ts")], {
    env: { ...process.env, PORT: `${port}`, LYCEUM_HOME: home, LYCEUM_LOG: "warn" },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null || performance.now() - start > 90_000) throw new Error("Lyceum did not become ready.");
    await sleep(10);
  }
  return {
    url,
    readyMs: performance.now() - start,
    memoryBytes: () => listTree(child.pid ?? 0).reduce((sum, pid) => sum + readPss(pid), 0),
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

function listTree(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(listTree)];
}

function readPss(pid: number): number {
  const [, kilobytes = "0"] = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
