import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEngines, toVariables } from "./index.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The variables that name the run's real engines: KAFKA_BROKERS and so on. */
    engines: Record<string, string>;
  }
}

/** Starts the real engines of a test run, once for all its files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-engines-"));
  const engines = await startEngines(folder);
  project.provide("engines", toVariables(engines));
  return async () => {
    await engines[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
}
