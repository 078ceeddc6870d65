import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Sql } from "postgres";
import { createClient } from "../client.ts";
import type { Log } from "../log.ts";
import { isDatabaseUnavailable, sqlStateOf } from "../sql-errors.ts";
import { addressOf, adminAddress, openSocketFolder } from "./addresses.ts";
import { findBinaries } from "./binaries.ts";
import { type Cluster, openCluster } from "./data-folder.ts";
import { findOperatingUser } from "./operating-user.ts";
import { findLeftover, isGone, type Postmaster, startPostmaster, stopRunning } from "./postmaster.ts";

const startTimeoutMs = 60_000;
const endingMs = 10_000;

/** Where a Postgres of one's own keeps everything, and how it runs. */
export type EmbeddedPostgresOptions = {
  /** Everything it keeps is below this folder. */
  readonly folder: string;
  /** Settings of postgresql.conf that differ from the defaults here. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Log | undefined;
};

/** A Postgres server of Lyceum's own, reached by a Unix socket inside its folder. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** The URL of the database `name`, made on first use with a role of the same name that sees no other. */
  urlOf(name: string): Promise<string>;
  /** The URL of the database `postgres` as superuser. */
  readonly adminUrl: string;
}

/**
 * Starts Postgres on `folder`, initialising it the first time. A server left behind by a killed process is stopped first;
 * fails if another living process uses the folder.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = await findOperatingUser();
  const binaries = await findBinaries(user);
  const cluster = await openCluster(resolve(options.folder), user, binaries);
  const socket = await openSocketFolder(cluster.data);
  const adminUrl = adminAddress(cluster.password, socket.folder);
  await stopLeftover(cluster, adminUrl, options.log);
  const postmaster = await startPostmaster(cluster, binaries, options.settings ?? {});
  try {
    const lease = await connect(adminUrl, postmaster);
    if (!(await takeLease(lease))) throw inUse(cluster);
    await lease`revoke connect on database postgres, template1 from public`;
    const admin = createClient(adminUrl, { max: 1, idle_timeout: 5 });
    return {
      adminUrl,
      urlOf: (name) => makeDatabase(admin, name, cluster.password, socket.folder),
      async [Symbol.asyncDispose]() {
        await Promise.all([admin.end({ timeout: 5 }), lease.end({ timeout: 1 })]);
        await postmaster.stop();
        await socket.remove();
      },
    };
  } catch (error) {
    await postmaster.stop();
    await socket.remove();
    throw error;
  }
}

async function stopLeftover(cluster: Cluster, adminUrl: string, log: Log | undefined): Promise<void> {
  const leftover = await findLeftover(cluster.data);
  if (!leftover) return;
  const { pid, certain } = leftover;
  const sql = createClient(adminUrl, { max: 1, connect_timeout: 2 });
  const taken = await takeLeaseLater(sql).finally(() => sql.end({ timeout: 1 }));
  if (taken === false) throw inUse(cluster);
  // One that doesn't answer may be about to end.
  if (taken === undefined && (await isGone(pid, endingMs))) return;
  if (taken === undefined && !certain) {
    throw new Error(`Process ${pid} may be the Postgres of an earlier run, but does not answer: end it.`);
  }
  log?.info({ pid }, "stopping the Postgres that an earlier run left behind");
  await stopRunning(pid);
}

/** Takes the lease, if need be once the server has recovered; undefined if it does not answer. */
async function takeLeaseLater(sql: Sql): Promise<boolean | undefined> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      return await takeLease(sql);
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      if (sqlStateOf(error) === undefined) return undefined;
      await delay(100);
    }
  }
  return undefined;
}

// Held as long as this process lives, so that a second one can tell a folder in use from one left behind.
async function takeLease(sql: Sql): Promise<boolean> {
  for (let tries = 0; tries < 20; tries += 1) {
    const [row] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(7003) as taken`;
    if (row?.taken) return true;
    await delay(50);
  }
  return false;
}

function inUse({ folder }: Cluster): Error {
  return new Error(`Another Lyceum is running on ${folder}: stop it, or set LYCEUM_HOME to another folder.`);
}

async function connect(adminUrl: string, postmaster: Postmaster): Promise<Sql> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const sql = createClient(adminUrl, { max: 1, max_lifetime: null, idle_timeout: 0 });
    try {
      await Promise.race([sql`select 1`, postmaster.ended]);
      return sql;
    } catch (error) {
      await sql.end({ timeout: 0 });
      if (!isDatabaseUnavailable(error) || Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}

async function makeDatabase(admin: Sql, name: string, secret: string, socketFolder: string): Promise<string> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`${name} can't be the name of a database.`);
  const { url, password } = addressOf(name, secret, socketFolder);
  const [role] = await admin`select from pg_roles where rolname = ${name}`;
  if (!role) await admin.unsafe(`create role "${name}" login password '${password}'`);
  const [database] = await admin`select from pg_database where datname = ${name}`;
  if (!database) await admin.unsafe(`create database "${name}" owner "${name}"`);
  await admin.unsafe(`revoke all on database "${name}" from public`);
  return url;
}
