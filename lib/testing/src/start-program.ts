import { type ChildProcess, spawn } from "node:child_process";
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseEnv } from "node:util";
import { layCluster } from "./lay-cluster.ts";

const readyWithinMs = 240_000;
const scaledMain = join(import.meta.dirname, "../../../scripts/scaled.ts");
const main = join(import.meta.dirname, "../../../edge/embedded/src/main.ts");

/** Arguments of Node that let a program of this checkout load as fast as `npm start` does. */
export const fastStart: readonly string[] = [
  "--import",
  new URL("../../../scripts/fast-start.mjs", import.meta.url).href,
];

/** Where a process per service has what its operator's commands take, in its home. */
export const operatorFile = "operator.env";

/** The whole of Lyceum as a process of its own, as `npm start` runs it. */
export type Program = AsyncDisposable & {
  readonly url: string;
  readonly process: ChildProcess;
  /** From its spawn until `/readyz` answered 200. */
  readonly readyMs: number;
  /** The variables that an operator's commands take. */
  readonly operator: Record<string, string>;
  /** Everything it has printed so far. */
  output(): string;
  /** Proportional memory (PSS) of the process and all below it; Linux only. */
  memoryBytes(): number;
  /** Sends the signal and waits for the end; answers the exit code and how long it took. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
};

/**
 * Starts it on a loopback port, a free one if none is given, and waits until `/readyz` answers 200, at most four minutes. In a run on the real engines
 * (`npm run test:engines`) it is a process per service.
 */
export async function startProgram(
  home: string,
  env: Record<string, string> = {},
  port: number | undefined = undefined,
): Promise<Program> {
  port ??= await findFreePort();
  const started = performance.now();
  const scaled = process.env.LYCEUM_TEST_MODE === "scaled";
  await layCluster(join(home, "postgres"));
  const child = spawn(process.execPath, ["--max-semi-space-size=16", ...fastStart, scaled ? scaledMain : main], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: `${port}`,
      LYCEUM_HOME: home,
      ...(scaled && (await engineVariables(home))),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, child, () => output);
  const end = async (signal: NodeJS.Signals) => {
    const start = performance.now();
    child.kill(signal);
    return { code: await ended, tookMs: performance.now() - start };
  };
  return {
    url,
    process: child,
    readyMs: performance.now() - started,
    operator: scaled ? readOperator(await readFile(join(home, operatorFile), "utf8")) : { LYCEUM_HOME: home },
    output: () => output,
    memoryBytes: () => listTree(child.pid ?? 0).reduce((sum, pid) => sum + readPss(pid), 0),
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end("SIGTERM");
    },
  };
}

/** The run's engines, and of them what belongs to this home alone. */
export async function engineVariables(home: string): Promise<Record<string, string>> {
  const { inject } = await import("vitest");
  const namespace = `${hash("sha256", home).slice(0, 12)}.`;
  return { ...inject("engines"), KAFKA_NAMESPACE: namespace, RAG_QDRANT_NAMESPACE: namespace };
}

/** Where it answers is each test's to say. */
function readOperator(text: string): Record<string, string> {
  const { LYCEUM_URL: _, ...variables } = parseEnv(text);
  return variables as Record<string, string>;
}

async function waitUntilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; await sleep(10)) {
    if (child.exitCode !== null) throw new Error(`Lyceum ended while starting:\n${output()}`);
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.status === 200) return;
  }
  child.kill("SIGKILL");
  throw new Error(`Lyceum was not ready in ${readyWithinMs / 1_000} s:\n${output()}`);
}

/** A loopback port nothing listens on now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function listTree(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(listTree)];
}

function readPss(pid: number): number {
  const [, kilobytes = "0"] = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
