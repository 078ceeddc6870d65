import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@lyceum/database";
import { openEventLog } from "@lyceum/events";
import type { ServiceDefinition } from "../define-service.ts";
import type { Operator } from "./open-operator.ts";

/** How long facts may take into the log; where they take longer, the service's own processes bring them there. */
const publishMs = 10_000;

/**
 * Has one of a service's operations done, whether or not the service runs, and waits until what it has to tell is in the event
 * log. Answers a sentence that says what was done.
 */
export async function runOperation(
  operator: Operator,
  { name: service, operations, publishes }: ServiceDefinition,
  name: string,
  args: readonly string[],
): Promise<string> {
  const operation = operations?.[name];
  if (!operation) throw new Error(`${service} has no operation ${name}.`);
  const [database, store] = [await operator.openDatabaseOf(service), await operator.openEvents()];
  await using events = await openEventLog({ service, database, store, publishes });
  const said = await operation({ database, events }, args);
  for (const deadline = performance.now() + publishMs; performance.now() < deadline; await sleep(20)) {
    if (await isPublished(database)) break;
  }
  return said;
}

async function isPublished({ sql }: Database): Promise<boolean> {
  return (await sql`select 1 from outbox limit 1`).length === 0;
}
