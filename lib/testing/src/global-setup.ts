import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openEmbeddedPostgres } from "@lyceum/database";
import type { TestProject } from "vitest/node";
import { clusterVariable, layCluster } from "./lay-cluster.ts";
import { makeRunFolder } from "./run-folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The superuser's URL of the run's Postgres. */
    postgresUrl: string;
    /** Where the run keeps everything; removed at its end. */
    runFolder: string;
  }
}

/** Starts the one Postgres of a test run. It may lose data in a power cut, so it writes without waiting for the disk. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runFolder = await makeRunFolder();
  const cluster = join(runFolder, "cluster");
  await (await openEmbeddedPostgres({ folder: cluster }))[Symbol.asyncDispose]();
  process.env[clusterVariable] = cluster;
  await layCluster(join(runFolder, "postgres"));
  const postgres = await openEmbeddedPostgres({
    folder: join(runFolder, "postgres"),
    settings: { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "400" },
  });
  project.provide("postgresUrl", postgres.adminUrl);
  project.provide("runFolder", runFolder);
  return async () => {
    await postgres[Symbol.asyncDispose]();
    await rm(runFolder, { recursive: true, force: true });
  };
}
