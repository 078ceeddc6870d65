import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "lyceum-test-";

/** Makes the folder of this test run, named after this process, and clears those of runs that were killed. */
export async function makeRunFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.match(/^lyceum-test-(\d+)-/)?.[1]);
    if (pid && !isAlive(pid)) await removeLeftover(join(tmpdir(), name));
  }
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** A new empty folder inside the run's. */
export async function makeFolderIn(runFolder: string): Promise<string> {
  await mkdir(runFolder, { recursive: true });
  return mkdtemp(join(runFolder, "f-"));
}

async function removeLeftover(folder: string): Promise<void> {
  const data = join(folder, "postgres/data");
  const lock = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(lock.split("\n")[0]);
  // Only a server that still works in this very folder: ids are used again.
  const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (pid && workingFolder === data) process.kill(pid, "SIGQUIT");
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
