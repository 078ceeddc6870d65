import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const main = join(import.meta.dirname, "main.ts");

/** The whole of Lyceum as a process of its own, as `npm start` runs it. */
export type Program = AsyncDisposable & {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Sends the signal and waits for the end; answers the exit code and how long it took. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
};

/** Starts it on a free port and waits until `/readyz` answers 200. */
export async function startProgram(home: string, env: Record<string, string> = {}): Promise<Program> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: `${port}`, LYCEUM_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const program: Program = {
    url: `http://127.0.0.1:${port}`,
    process: child,
    output: () => output,
    async end(signal) {
      const start = performance.now();
      child.kill(signal);
      return { code: await ended, tookMs: performance.now() - start };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await program.end("SIGTERM");
    },
  };
  await waitUntilReady(program);
  return program;
}

async function waitUntilReady({ url, process: child, output }: Program): Promise<void> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`Lyceum ended while starting:\n${output()}`);
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.status === 200) return;
  }
  child.kill("SIGKILL");
  throw new Error(`Lyceum was not ready in 90 s:\n${output()}`);
}

/** A port nothing listens on now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
