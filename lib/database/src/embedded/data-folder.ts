import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Binaries } from "./binaries.ts";
import { canReach, type OperatingUser } from "./operating-user.ts";

/** A folder with an initialised cluster in `data` and its superuser's password beside it. */
export type Cluster = {
  readonly folder: string;
  readonly data: string;
  readonly password: string;
  readonly user: OperatingUser;
};

/** Opens the cluster in `folder`, making it the first time. */
export async function openCluster(folder: string, user: OperatingUser, binaries: Binaries): Promise<Cluster> {
  await mkdir(folder, { recursive: true });
  await belongTo(user, folder, 0o700);
  const cluster = { folder, data: join(folder, "data"), password: await readOrMakePassword(folder, user), user };
  if (!(await isFolder(cluster.data))) await initialise(cluster, binaries);
  return cluster;
}

/**
 * How Postgres is told its folder, which must then be its working folder. Where it may not pass through a parent, such as
 * a checkout in root's home, Linux leads it back there through /proc.
 */
export async function dataArgument(folder: string, user: OperatingUser): Promise<string> {
  if (await canReach(user, folder)) return folder;
  if (process.platform === "linux") return "/proc/self/cwd";
  throw new Error(`Postgres may not enter ${folder}: set LYCEUM_HOME to a folder whose parents others may enter.`);
}

// initdb works on a draft that is renamed when it is complete, so a `data` folder is never half made.
async function initialise(cluster: Cluster, binaries: Binaries): Promise<void> {
  const draft = join(cluster.folder, "data.draft");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  await belongTo(cluster.user, draft, 0o700);
  const data = await dataArgument(draft, cluster.user);
  const child = spawn(
    binaries.initdb,
    [
      `--pgdata=${data}`,
      `--pwfile=${data === draft ? join(cluster.folder, "password") : `${data}/../password`}`,
      ...["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
      ...["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"],
    ],
    { ...cluster.user, cwd: draft, stdio: ["ignore", "ignore", "pipe"], env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } },
  );
  const [code, output] = await Promise.all([exitOf(child), text(child.stderr)]);
  if (code !== 0) throw new Error(`A new Postgres cluster could not be made in ${draft}: ${output.trim()}`);
  await rename(draft, cluster.data);
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

async function readOrMakePassword(folder: string, user: OperatingUser): Promise<string> {
  const path = join(folder, "password");
  const draft = `${path}.draft`;
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  if (await isFolder(join(folder, "data"))) {
    throw new Error(
      `The password of the Postgres cluster is missing: restore ${path}, or delete ${folder} to start anew.`,
    );
  }
  const password = randomBytes(24).toString("base64url");
  await writeFile(draft, `${password}\n`, { mode: 0o600 });
  await belongTo(user, draft, 0o600);
  await rename(draft, path);
  return password;
}

async function belongTo({ uid, gid }: OperatingUser, path: string, mode: number): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  await chmod(path, mode);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
