import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants, setPriority } from "node:os";
import { createFrameReader, type ParseReply, type ParseRequest, toFrame } from "../parse-child/messages.ts";
import { isFailureReason, ParseFailure } from "../parsers/failure.ts";
import type { ParsingLimits } from "./limits.ts";
import { createCollector, type ParsedFile } from "./parsed-file.ts";
import { startSandboxed } from "./sandbox.ts";

/** How far a parse is. */
export type OnProgress = (pagesDone: number, pageCount: number) => void;

const memoryCheckMs = 50;

/** One process that reads files, one at a time. Ends with `kill`, or by itself when its input ends. */
export class ParseChild {
  /** Whose files it has seen; it sees no one else's. */
  readonly owner: string;
  readonly folder: string;
  /** False once it has failed at a file, used much memory or read enough files: it is not to be used again. */
  isFit = true;
  readonly #process: ChildProcess;
  readonly #limits: ParsingLimits;
  #files = 0;

  private constructor(owner: string, folder: string, limits: ParsingLimits, child: ChildProcess) {
    this.owner = owner;
    this.folder = folder;
    this.#limits = limits;
    this.#process = child;
    // A child that dies while it is written to is noticed by its exit.
    child.stdin?.on("error", () => {});
    child.on("error", () => {
      this.isFit = false;
    });
    child.on("exit", () => {
      this.isFit = false;
    });
    if (child.pid) lowerPriority(child.pid);
  }

  /** Starts a child for one owner's files, which it finds in `folder`. */
  static async start(entry: URL, owner: string, folder: string, limits: ParsingLimits): Promise<ParseChild> {
    return new ParseChild(owner, folder, limits, await startSandboxed(entry, folder, limits));
  }

  /** Reads one file. Throws ParseFailure for what is the file's fault, and the signal's reason if it is aborted. */
  async parse(request: ParseRequest, onProgress: OnProgress, signal: AbortSignal): Promise<ParsedFile> {
    signal.throwIfAborted();
    this.#files++;
    try {
      const file = await this.#exchange(request, onProgress, signal);
      const memoryBytes = await residentBytes(this.#process.pid);
      if (this.#files >= this.#limits.maxFilesPerChild || memoryBytes > this.#limits.maxMemoryBytes / 4)
        this.isFit = false;
      return file;
    } catch (error) {
      this.isFit = false;
      throw error;
    } finally {
      if (!this.isFit) this.kill();
    }
  }

  kill(): void {
    this.isFit = false;
    this.#process.kill("SIGKILL");
  }

  /** Lets the parent's process end while this child idles. */
  setIdle(isIdle: boolean): void {
    const streams = [this.#process.stdin, this.#process.stdout] as unknown as { ref?(): void; unref?(): void }[];
    for (const handle of [this.#process, ...streams]) isIdle ? handle.unref?.() : handle.ref?.();
  }

  #exchange(request: ParseRequest, onProgress: OnProgress, signal: AbortSignal): Promise<ParsedFile> {
    const { promise, resolve, reject } = Promise.withResolvers<ParsedFile>();
    const limits = this.#limits;
    const collector = createCollector(limits);
    const readFrames = createFrameReader(limits.maxFrameBytes);
    let outputBytes = 0;
    let pageCount = 0;

    const onReply = (reply: ParseReply) => {
      if (reply.kind === "failed") {
        return reject(new ParseFailure(isFailureReason(reply.reason) ? reply.reason : "CORRUPT"));
      }
      collector.add(reply);
      if (reply.kind === "opened") pageCount = reply.pageCount;
      if (reply.kind === "slice") onProgress(reply.pagesDone, pageCount);
      if (reply.kind === "opened" || reply.kind === "slice") sliceTimer.refresh();
      if (reply.kind === "done") resolve(collector.finish());
    };
    const onData = (chunk: Buffer) => {
      try {
        outputBytes += chunk.length;
        if (outputBytes > limits.maxOutputBytes) throw new ParseFailure("TOO_LARGE");
        for (const frame of readFrames(chunk)) onReply(JSON.parse(frame.toString("utf8")));
      } catch (error) {
        reject(error instanceof ParseFailure ? error : new ParseFailure("CORRUPT", { cause: error }));
      }
    };
    const onExit = (_code: number | null, exitSignal: NodeJS.Signals | null) => reject(deathOf(exitSignal));
    const onError = (error: Error) => reject(error);
    const onAbort = () => reject(signal.reason);
    const timeOut = () => reject(new ParseFailure("TIMEOUT"));

    const sliceTimer = setTimeout(timeOut, limits.sliceTimeoutMs);
    const fileTimer = setTimeout(timeOut, limits.fileTimeoutMs);
    const memoryTimer = setInterval(async () => {
      if ((await residentBytes(this.#process.pid)) > limits.maxMemoryBytes) reject(new ParseFailure("OUT_OF_MEMORY"));
    }, memoryCheckMs);
    const child = this.#process;
    child.stdout?.on("data", onData);
    child.once("exit", onExit);
    child.once("error", onError);
    signal.addEventListener("abort", onAbort, { once: true });
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.stdin?.write(toFrame(request));

    return promise.finally(() => {
      clearTimeout(sliceTimer);
      clearTimeout(fileTimer);
      clearInterval(memoryTimer);
      child.stdout?.off("data", onData);
      child.off("exit", onExit);
      child.off("error", onError);
      signal.removeEventListener("abort", onAbort);
    });
  }
}

const memorySignals: readonly unknown[] = ["SIGABRT", "SIGKILL", "SIGTRAP", "SIGSEGV", "SIGBUS", "SIGILL"];

/** What it means that the child is gone: V8 and the kernel end a process that gets no more memory. */
function deathOf(signal: NodeJS.Signals | null): ParseFailure {
  if (memorySignals.includes(signal)) return new ParseFailure("OUT_OF_MEMORY");
  return new ParseFailure(signal === "SIGXCPU" ? "TIMEOUT" : "CORRUPT");
}

/** Linux tells a process's memory; elsewhere only the caps set at its start hold. */
async function residentBytes(pid: number | undefined): Promise<number> {
  if (process.platform !== "linux" || !pid) return 0;
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Requests come before parsing where processors are few. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is gone already, or the platform refuses: both are harmless.
  }
}
