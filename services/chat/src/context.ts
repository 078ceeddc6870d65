import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Clients, JobQueue } from "@lyceum/service";
import type { Live } from "./live/live.ts";
import type { Names } from "./names.ts";
import type { PresenceAudiences } from "./presence-audiences.ts";
import type { Sender } from "./send-messages.ts";

/** What chat's RPCs and jobs work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly clients: Clients;
  readonly jobs: JobQueue;
  readonly names: Names;
  readonly audiences: PresenceAudiences;
  /** Tells those who listen. */
  readonly live: Live;
  /** Commits messages together. */
  readonly sender: Sender;
};
