import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** Whom Postgres runs as. Empty where that is the user of this process. */
export type OperatingUser = { readonly uid?: number; readonly gid?: number };

/** Postgres refuses to run as root: there it gets the user `postgres`, made if missing, or `nobody` where none can be made. */
export async function findOperatingUser(): Promise<OperatingUser> {
  if (process.getuid?.() !== 0) return {};
  const existing = await findUser("postgres");
  if (existing) return existing;
  await exec("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    "postgres",
  ]).catch(() => undefined);
  const user = (await findUser("postgres")) ?? (await findUser("nobody"));
  if (!user) throw new Error("Postgres can't run as root, and no other user was found: start Lyceum as another user.");
  return user;
}

async function findUser(name: string): Promise<OperatingUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([exec("id", ["-u", name]), exec("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Whether `user` may pass through every folder on the way to `path`, such as not through root's home. */
export async function canReach(user: OperatingUser, path: string): Promise<boolean> {
  if (user.uid === undefined) return true;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const searchBit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (!(mode & searchBit)) return false;
    if (folder === dirname(folder)) return true;
  }
}
