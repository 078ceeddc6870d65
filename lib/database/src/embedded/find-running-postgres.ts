import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createClient } from "../client.ts";
import { isDatabaseUnavailable } from "../sql-errors.ts";
import { addressOf, adminAddress, openSocketFolder } from "./addresses.ts";

const answerSeconds = 2;

/** A server of `openEmbeddedPostgres` that another process runs; disposing of it leaves it running. */
export type RunningPostgres = AsyncDisposable & {
  /** The URL of the database `name`. Throws where that was never made. */
  urlOf(name: string): Promise<string>;
};

/** Reaches the server that runs on `folder` by its socket; undefined where there is none, or it does not answer. */
export async function findRunningPostgres(folder: string): Promise<RunningPostgres | undefined> {
  const secret = (await readPassword(resolve(folder)))?.trim();
  if (secret === undefined) return undefined;
  const socket = await openSocketFolder(join(resolve(folder), "data"));
  const sql = createClient(adminAddress(secret, socket.folder), {
    max: 1,
    idle_timeout: 5,
    connect_timeout: answerSeconds,
    connection: { application_name: "operator" },
  });
  const end = () => Promise.all([sql.end({ timeout: 1 }), socket.remove()]);
  try {
    await sql`select 1`;
  } catch (error) {
    await end();
    if (isDatabaseUnavailable(error)) return undefined;
    throw error;
  }
  return {
    async urlOf(name) {
      const [there] = await sql`select from pg_database where datname = ${name}`;
      if (!there) throw new Error(`The Postgres in ${folder} has no database ${name}.`);
      return addressOf(name, secret, socket.folder).url;
    },
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

/** Whether `openEmbeddedPostgres` has ever made a server in `folder`. */
export async function hasEmbeddedPostgres(folder: string): Promise<boolean> {
  return stat(join(folder, "data")).then(
    () => true,
    (error) => (error.code === "ENOENT" ? false : Promise.reject(error)),
  );
}

async function readPassword(folder: string): Promise<string | undefined> {
  return readFile(join(folder, "password"), "utf8").catch((error) =>
    error.code === "ENOENT" ? undefined : Promise.reject(error),
  );
}
