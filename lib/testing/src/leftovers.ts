import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const file = "processes.json";

type Noted = { readonly pid: number; readonly command: string };

/** Notes the processes that this one has started, so that the next start can end them if this one is killed. Linux only. */
export async function noteProcesses(home: string): Promise<void> {
  const noted: Noted[] = [];
  for (const pid of await listBelow(process.pid)) {
    const command = await readCommand(pid);
    // Postgres has a lease of its own.
    if (command && !/postgres/.test(command.split("\0", 1)[0] ?? "")) noted.push({ pid, command });
  }
  await writeFile(join(home, file), JSON.stringify(noted));
}

/** Ends what a killed run left behind: only processes that still are what was noted. */
export async function endLeftovers(home: string): Promise<void> {
  const noted = JSON.parse(await readFile(join(home, file), "utf8").catch(() => "[]")) as Noted[];
  for (const { pid, command } of noted) {
    if ((await readCommand(pid)) !== command) continue;
    process.kill(pid, "SIGKILL");
    while ((await readCommand(pid)) === command) await sleep(20);
  }
}

async function listBelow(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = text.split(" ").filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(listBelow))).flat()];
}

function readCommand(pid: number): Promise<string | undefined> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => undefined);
}
