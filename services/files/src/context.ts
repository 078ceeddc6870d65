import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Clients } from "@lyceum/service";
import type { BlobStore } from "./blobs/index.ts";

/** What files' RPCs and routes work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly clients: Clients;
  readonly blobs: BlobStore;
};
