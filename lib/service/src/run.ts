import { StartError } from "./errors.ts";
import { type RunningProcess, startProcess } from "./process.ts";
import type { Definitions } from "./settings.ts";

const stopMs = 14_000;
const poolThreads = "16";

/**
 * The main of a process: starts the services and stops them on SIGTERM, SIGINT or SIGHUP, or when a parent that holds an IPC
 * channel to it is gone. Progress goes to stdout; log lines
 * go to stderr, or to a file below LYCEUM_HOME where a person watches: at a terminal, and under `npm start`.
 */
export async function run(definitions: Definitions): Promise<void> {
  // Passwords are hashed and files read on these threads. libuv reads it when the first of them is needed, which no import does.
  process.env.UV_THREADPOOL_SIZE ??= poolThreads;
  const watched = process.stdout.isTTY || process.env.npm_lifecycle_event === "start";
  const announce = (line: string) => void process.stdout.write(`${line}\n`);
  // Whoever read the output may have gone; that must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const stopping = new AbortController();
  let running: RunningProcess | undefined;
  const end = async (code: number) => {
    if (stopping.signal.aborted) return;
    stopping.abort(new StartError("Stopped while starting."));
    setTimeout(() => process.exit(1), stopMs).unref();
    if (!running) return;
    announce("Stopping…");
    try {
      await running[Symbol.asyncDispose]();
    } finally {
      process.exit(code);
    }
  };
  for (const event of ["SIGTERM", "SIGINT", "SIGHUP", "disconnect"] as const) process.on(event, () => void end(0));
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error) => {
      running?.log.fatal({ err: error }, "A bug ended the process.");
      process.stderr.write(`Lyceum stops because of a bug: ${error instanceof Error ? error.stack : error}\n`);
      void end(1);
      if (!running) process.exit(1);
    });
  }
  try {
    const logTo = watched ? "file" : "stderr";
    running = await startProcess(definitions, { env: process.env, announce, logTo, signal: stopping.signal });
    if (stopping.signal.aborted) await running[Symbol.asyncDispose]();
    stopping.signal.throwIfAborted();
    announce(`Ready: ${running.publicUrl}`);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    const known = error instanceof StartError;
    process.stderr.write(`${known ? error.message : `Lyceum cannot start: ${(error as Error).stack ?? error}`}\n`);
    process.exit(1);
  }
}
