import { randomBytes } from "node:crypto";
import { type Database, openDatabase } from "@lyceum/database";
import { inject } from "vitest";

let admin: Promise<Database> | undefined;
let next: Promise<string> | undefined;

/** The URL of an empty database of its own on the run's Postgres. One is kept ready ahead. */
export async function freeDatabase(): Promise<string> {
  const ready = next ?? createDatabase();
  next = createDatabase();
  next.catch(() => {});
  return ready;
}

async function createDatabase(): Promise<string> {
  const url = inject("postgresUrl");
  admin ??= openDatabase({ url, applicationName: "tests", migrations: [], maxConnections: 2 });
  const name = `test_${randomBytes(6).toString("hex")}`;
  await (await admin).sql.unsafe(`create database ${name} strategy file_copy`);
  return url.replace("/postgres?", `/${name}?`);
}
