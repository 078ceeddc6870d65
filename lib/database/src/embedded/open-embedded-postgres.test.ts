import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layCluster } from "@lyceum/testing/lay-cluster.ts";
import { afterEach, expect, test } from "vitest";
import { createClient } from "../client.ts";
import { findRunningPostgres, hasEmbeddedPostgres } from "./find-running-postgres.ts";
import { openEmbeddedPostgres } from "./open-embedded-postgres.ts";

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder with a cluster as the first start would make it. */
async function newCluster(): Promise<string> {
  const folder = join(await newFolder(), "cluster");
  await layCluster(folder);
  return folder;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-embedded-"));
  folders.push(folder);
  return folder;
}

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const sql = createClient(url, { max: 1 });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

test("keeps what was written over a restart, in a folder whose parent only its owner may enter", async () => {
  const parent = await newFolder();
  await chmod(parent, 0o700);
  const folder = join(parent, "a/checkout/data/postgres");
  expect([await hasEmbeddedPostgres(folder), await findRunningPostgres(folder)]).toEqual([false, undefined]);
  {
    await using postgres = await openEmbeddedPostgres({ folder });
    await query(await postgres.urlOf("files"), "create table kept (n int); insert into kept values (7)");
    expect((await stat(join(folder, "password"))).mode & 0o777).toBe(0o600);
    await using found = await findRunningPostgres(folder);
    expect(await query((await found?.urlOf("files")) ?? "", "select n from kept")).toEqual([{ n: 7 }]);
    await expect(found?.urlOf("never")).rejects.toThrow(/no database never/);
  }
  expect([await hasEmbeddedPostgres(folder), await findRunningPostgres(folder)]).toEqual([true, undefined]);
  await using postgres = await openEmbeddedPostgres({ folder });
  expect(await query(await postgres.urlOf("files"), "select n from kept")).toEqual([{ n: 7 }]);
});

test("gives each service a role that sees only its own database", async () => {
  await using postgres = await openEmbeddedPostgres({ folder: await newCluster() });
  const [files, profile] = await Promise.all([postgres.urlOf("files"), postgres.urlOf("profile")]);
  await query(files, "create table own (n int)");
  await expect(query(profile.replace("/profile?", "/files?"), "select 1")).rejects.toThrow(/permission denied/);
  await expect(query(profile.replace("/profile?", "/postgres?"), "select 1")).rejects.toThrow(/permission denied/);
});

test("stops the server that a killed process left behind, and refuses a folder in use", async () => {
  const folder = await newCluster();
  const script = `
    const { openEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, "open-embedded-postgres.ts"))});
    const postgres = await openEmbeddedPostgres({ folder: ${JSON.stringify(folder)} });
    await postgres.urlOf("files");
    console.log("up");
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  const leftPid = Number((await readFile(join(folder, "data/postmaster.pid"), "utf8")).split("\n")[0]);
  await expect(openEmbeddedPostgres({ folder })).rejects.toThrow(/Another Lyceum is running/);

  holder.kill("SIGKILL");
  await once(holder, "exit");
  expect(() => process.kill(leftPid, 0)).not.toThrow();
  await using postgres = await openEmbeddedPostgres({ folder });
  expect(() => process.kill(leftPid, 0)).toThrow();
  expect(await query(await postgres.urlOf("files"), "select 1 as n")).toEqual([{ n: 1 }]);
});

test.runIf(process.platform === "linux")(
  "starts although a crash left locks whose process id is another program's now, and leaves that alone",
  async () => {
    const parent = await newFolder();
    await chmod(parent, 0o755);
    const folder = join(parent, "cluster");
    await layCluster(folder);
    const { uid, gid } = await stat(join(folder, "data"));
    await symlink("/bin/sleep", join(parent, "postgres"));
    const other = spawn(join(parent, "postgres"), ["60"], { cwd: "/", ...(process.getuid?.() === 0 && { uid, gid }) });
    try {
      await once(other, "spawn");
      for (const lock of ["postmaster.pid", ".s.PGSQL.5432.lock"]) {
        await writeFile(join(folder, "data", lock), `${other.pid}\n${join(folder, "data")}\n1\n5432\n.\n`);
      }
      await using postgres = await openEmbeddedPostgres({ folder });
      expect(await query(postgres.adminUrl, "select 1 as n")).toEqual([{ n: 1 }]);
      expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    } finally {
      other.kill("SIGKILL");
    }
  },
);

test("makes a cluster anew whose initialisation was cut off", async () => {
  const folder = await newFolder();
  await mkdir(join(folder, "data.draft/base"), { recursive: true });
  await using postgres = await openEmbeddedPostgres({ folder });
  expect(await query(postgres.adminUrl, "show fsync")).toEqual([{ fsync: "on" }]);
});

test("serves from a path too long for a socket", async () => {
  const folder = join(await newFolder(), "long".repeat(40));
  await layCluster(folder);
  await using postgres = await openEmbeddedPostgres({ folder });
  expect(await query(await postgres.urlOf("files"), "select 1 as n")).toEqual([{ n: 1 }]);
});
