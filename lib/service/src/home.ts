import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "./errors.ts";

/** The folder that one process keeps everything in, for as long as it holds it. */
export type Home = Disposable & {
  readonly folder: string;
  /** A folder below it, made if it is missing. */
  subfolder(name: string): Promise<string>;
};

/** How long a start waits for the process before it, which may be on its way out. */
const patienceMs = 4_000;

/** Makes the folder if it is missing and takes it for this process alone. A killed process's claim does not count. */
export async function openHome(folder: string): Promise<Home> {
  const lock = join(folder, "lyceum.lock");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await takeLock(folder, lock);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartError(
      `LYCEUM_HOME ${folder} cannot be used (${code ?? message}): it must be a folder this user can write.`,
    );
  }
  return {
    folder,
    async subfolder(name) {
      const path = join(folder, name);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return path;
    },
    [Symbol.dispose]: () => rmSync(lock, { force: true }),
  };
}

async function takeLock(folder: string, lock: string): Promise<void> {
  const start = performance.now();
  for (let attempt = 1; attempt <= 50; ) {
    try {
      const file = openSync(lock, "wx", 0o600);
      writeSync(file, identify(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const owner = readOwner(lock);
    const pid = Number.parseInt(owner ?? "", 10);
    if (owner !== undefined && owner !== "" && pid !== process.pid && isRunning(pid, owner)) {
      await sleep(50);
      if (performance.now() - start < patienceMs) continue;
      throw new StartError(
        `Lyceum already runs on ${folder} (process ${pid}): stop it, or set LYCEUM_HOME to another folder.`,
      );
    }
    attempt += 1;
    // Whoever has just made it is still writing.
    if (owner === "") await sleep(20);
    else if (owner !== undefined) dropLock(lock, owner);
  }
  rmSync(lock, { force: true });
  throw new StartError(`${lock} is damaged and was removed: start again.`);
}

/** Takes a dead owner's lock away; if a living process was quicker, gives it back what is its own. */
function dropLock(lock: string, owner: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (readOwner(aside) === owner) rmSync(aside, { force: true });
  else renameSync(aside, lock);
}

function readOwner(lock: string): string | undefined {
  try {
    return readFileSync(lock, "utf8");
  } catch {
    return undefined;
  }
}

function isRunning(pid: number, owner: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return identify(pid) === owner;
}

/** A process id with the moment it began, where the system tells: ids come round again. */
function identify(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The fields are counted from after the name, which may hold spaces and brackets: the start time is the 22nd of all.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const started = fields[19];
    // A killed process keeps its id until its parent asks for its end.
    if (fields[0] === "Z" || fields[0] === "X") return `${pid} ended`;
    return `${pid} ${boot} ${started}`;
  } catch {
    return `${pid}`;
  }
}
