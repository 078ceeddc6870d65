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
  project.provide("engines", { ...toVariables(engines), ...(await opening) });
  const running = starting.move();
  return async () => {
    await running.disposeAsync();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Names the Qdrant at `QDRANT_URL`, else the reference of what it does; it alone may be missing. */
async function openQdrant(folder: string, starting: AsyncDisposableStack): Promise<Record<string, string>> {
  const { QDRANT_URL, QDRANT_API_KEY } = process.env;
  if (QDRANT_URL) {
    console.log(`VectorIndex: tested on the Qdrant at ${QDRANT_URL}.`);
    return { RAG_QDRANT_URL: QDRANT_URL, ...(QDRANT_API_KEY && { RAG_QDRANT_API_KEY: QDRANT_API_KEY }) };
  }
  try {
    const { url } = starting.use(await startQdrantReference(folder));
    console.log(
      "VectorIndex: QDRANT_URL names no Qdrant, so its Python client's local mode stands in: recall and speed do NOT count.",
    );
    return { RAG_QDRANT_URL: url };
  } catch (error) {
    if (!(error instanceof EngineMissingError)) throw error;
    console.error(
      `\n*** Neither Qdrant nor its reference is to be had: its suites are SKIPPED. ${error.message} ***\n`,
    );
    return {};
  }
}
