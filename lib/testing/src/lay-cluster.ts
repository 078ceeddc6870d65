import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** Names, in a test run, the folder of a new cluster; outside of one it is unset. */
export const clusterVariable = "LYCEUM_TEST_CLUSTER";

/**
 * Puts a copy of the run's new Postgres cluster where an embedded one is about to be opened, unless there is one: what `initdb`
 * needs seconds for. Does nothing outside of a test run.
 */
export async function layCluster(folder: string): Promise<void> {
  const cluster = process.env[clusterVariable];
  if (!cluster || (await exists(folder))) return;
  await mkdir(dirname(folder), { recursive: true });
  // Not by Node, which would not keep whose the files are.
  await promisify(execFile)("cp", ["-a", cluster, folder]);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
