import type { ServiceDefinition } from "./define-service.ts";
import { startProcess } from "./process.ts";

/** The main of a process: starts the services, and stops them on SIGTERM or SIGINT. */
// biome-ignore lint/suspicious/noExplicitAny: definitions with different configs share one list
export async function run(definitions: readonly ServiceDefinition<any>[]): Promise<void> {
  await startProcess(definitions, { env: process.env });
}
