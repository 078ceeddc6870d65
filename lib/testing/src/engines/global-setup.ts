import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { EngineMissingError, startEngines, toVariables } from "./index.ts";
import { startQdrantReference } from "./qdrant.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The variables that name the run's real engines: KAFKA_BROKERS and so on; RAG_QDRANT_URL unless there is no Qdrant. */
    engines: Record<string, string>;
  }
}

/** Starts the real engines of a test run, once for all its files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-engines-"));
  await using starting = new AsyncDisposableStack();
  const opening = openQdrant(join(folder, "qdrant"), starting);
  const engines = starting.use(await startEngines(folder).finally(() => opening.catch(() => {})));
  const qdrantUrl = await opening;
  project.provide("engines", { ...toVariables(engines), ...(qdrantUrl && { RAG_QDRANT_URL: qdrantUrl }) });
  const running = starting.move();
  return async () => {
    await running.disposeAsync();
    await rm(folder, { recursive: true, force: true });
  };
}

/** The Qdrant at `QDRANT_URL`, else the reference of what it does; it alone may be missing. */
async function openQdrant(folder: string, starting: AsyncDisposableStack): Promise<string | undefined> {
  if (process.env.QDRANT_URL) {
    console.log(`VectorIndex: tested on the Qdrant at ${process.env.QDRANT_URL}.`);
    return process.env.QDRANT_URL;
  }
  try {
    const { url } = starting.use(await startQdrantReference(folder));
    console.log(
      "VectorIndex: QDRANT_URL names no Qdrant, so its Python client's local mode stands in: recall and speed do NOT count.",
    );
    return url;
  } catch (error) {
    if (!(error instanceof EngineMissingError)) throw error;
    console.error(
      `\n*** Neither Qdrant nor its reference is to be had: its suites are SKIPPED. ${error.message} ***\n`,
    );
    return undefined;
  }
}
