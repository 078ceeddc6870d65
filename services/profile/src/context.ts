import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Clients } from "@lyceum/service";

/** What profile's RPCs and jobs work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly clients: Clients;
};
