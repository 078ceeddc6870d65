import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A program of somebody else's that runs beside a test, on loopback. */
export type Engine = AsyncDisposable & {
  readonly process: ChildProcess;
  /** Ends it as a crash would, without a word. */
  kill(): Promise<void>;
};

/** How an engine is started. */
export type EngineCommand = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where its output goes. */
  readonly logFile: string;
  /** Resolves to true once it can be used. */
  readonly isReady: () => Promise<boolean>;
};

const readyWithinMs = 120_000;

/** Starts it and waits until it is ready, at most 120 s. */
export async function startEngine({ name, command, args, env, logFile, isReady }: EngineCommand): Promise<Engine> {
  const log = openSync(logFile, "a");
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
  closeSync(log);
  const spawnError = new Promise<Error>((resolve) => child.once("error", resolve));
  const end = async (signal: NodeJS.Signals, withinMs: number) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, "exit");
    child.kill(signal);
    if (await Promise.race([exited, sleep(withinMs, undefined, { ref: false })])) return;
    child.kill("SIGKILL");
    await exited;
  };
  const engine: Engine = {
    process: child,
    kill: () => end("SIGKILL", 10_000),
    [Symbol.asyncDispose]: () => end("SIGTERM", 10_000),
  };
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; ) {
    const failed = await Promise.race([spawnError, sleep(200, undefined)]);
    if (failed || child.exitCode !== null) {
      throw new Error(`${name} did not start: ${failed?.message ?? (await readEnd(logFile))}`);
    }
    if (await isReady().catch(() => false)) return engine;
  }
  await engine.kill();
  throw new Error(`${name} was not ready in ${readyWithinMs / 1_000} s: ${await readEnd(logFile)}`);
}

async function readEnd(file: string): Promise<string> {
  return (await readFile(file, "utf8")).slice(-2_000);
}
