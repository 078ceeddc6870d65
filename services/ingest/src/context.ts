import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Clients, JobQueue } from "@lyceum/service";
import type { Changes } from "./changes.ts";

/** What ingest's RPCs, handlers and jobs work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly clients: Clients;
  readonly jobs: JobQueue;
  readonly changes: Changes;
};
