import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { type Cluster, dataArgument } from "./data-folder.ts";

const settings: Readonly<Record<string, string>> = {
  // Only a Unix socket inside the data folder, which nobody else may enter; relative, so its length doesn't matter here.
  listen_addresses: "",
  unix_socket_directories: ".",
  max_connections: "200",
  shared_buffers: "32MB",
  maintenance_work_mem: "32MB",
  max_wal_size: "256MB",
  min_wal_size: "32MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  max_parallel_workers_per_gather: "0",
  autovacuum_max_workers: "1",
  autovacuum_worker_slots: "2",
  io_method: "sync",
  huge_pages: "off",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // Statements and the values in their errors stay out of the log.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  // Passwords here are random and long: stretching them would only make connecting slow.
  scram_iterations: "1",
};

/** A Postgres server that this process started. */
export type Postmaster = {
  /** Ends in failure as soon as the server has ended, with the end of its log. */
  readonly ended: Promise<never>;
  /** Closes all connections, writes a checkpoint and waits for the end. */
  stop(): Promise<void>;
};

/** Starts the server of a cluster. It answers only some time later. */
export async function startPostmaster(
  cluster: Cluster,
  binaries: Binaries,
  overrides: Readonly<Record<string, string>>,
): Promise<Postmaster> {
  const logPath = join(cluster.folder, "postgres.log");
  const log = await open(logPath, "w", 0o600);
  const flags = Object.entries({ ...settings, ...overrides }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(binaries.postgres, ["-D", await dataArgument(cluster.data, cluster.user), ...flags], {
    ...cluster.user,
    cwd: cluster.data,
    stdio: ["ignore", log.fd, log.fd],
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    // A group of its own, so a terminal's Ctrl-C reaches Lyceum alone, which needs its database to the end.
    detached: true,
  });
  await log.close();
  child.unref();
  const stopAtExit = () => child.kill("SIGINT");
  process.once("exit", stopAtExit);
  const exit = exitOf(child).finally(() => process.off("exit", stopAtExit));
  const ended = exit.then(async () => {
    const lines = (await readFile(logPath, "utf8").catch(() => "")).trim().split("\n");
    throw new Error(`The embedded Postgres ended: ${lines.slice(-3).join(" · ")}`);
  });
  ended.catch(() => {});
  return {
    ended,
    async stop() {
      child.ref();
      child.kill("SIGINT");
      const patience = setTimeout(() => child.kill("SIGQUIT"), 10_000);
      await exit;
      clearTimeout(patience);
    },
  };
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => resolve());
  });
}

/** A server that an earlier process left on a data folder; `certain` unless the system doesn't show where it works. */
export type Leftover = { readonly pid: number; readonly certain: boolean };

/** The server that the lock file of a data folder names. After a crash its id may be another program's: such a lock goes. */
export async function findLeftover(data: string): Promise<Leftover | undefined> {
  const lock = join(data, "postmaster.pid");
  const pid = Number((await readFile(lock, "utf8").catch(() => "")).split("\n")[0]);
  if (pid > 0 && isAlive(pid)) {
    const certain = await worksIn(pid, data);
    if (certain ?? (await isPostgres(pid))) return { pid, certain: certain === true };
    await rm(lock);
  }
  // Postgres would take the other program for itself here too, and not start.
  await rm(join(data, ".s.PGSQL.5432.lock"), { force: true });
  return undefined;
}

/** Whether a process works in `folder`, as a server does in its data folder; undefined where the system doesn't show it. */
async function worksIn(pid: number, folder: string): Promise<boolean | undefined> {
  const [its, own] = await Promise.all([stat(`/proc/${pid}/cwd`).catch(() => undefined), stat(folder)]);
  return its && its.dev === own.dev && its.ino === own.ino;
}

async function isPostgres(pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "postgres");
  return name.trim() === "postgres";
}

/** Stops a server that another process started and waits for its end. */
export async function stopRunning(pid: number): Promise<void> {
  process.kill(pid, "SIGINT");
  if (await isGone(pid, 10_000)) return;
  process.kill(pid, "SIGQUIT");
  if (await isGone(pid, 20_000)) return;
  throw new Error(`The embedded Postgres of an earlier run (process ${pid}) doesn't stop.`);
}

/** Waits until a process has ended; false if it has not within the time. */
export async function isGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; isAlive(pid); ) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
