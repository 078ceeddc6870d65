import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Clients, JobQueue } from "@lyceum/service";
import type { BlobStore } from "./blobs/index.ts";
import type { Signer } from "./signer.ts";
import type { Rooms } from "./watch-rooms.ts";

/** What files' RPCs and routes work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly clients: Clients;
  readonly jobs: JobQueue;
  readonly blobs: BlobStore;
  readonly rooms: Rooms;
  readonly signer: Signer;
  /** Where people reach Lyceum, without a slash at its end. */
  readonly publicUrl: string;
  /** How many bytes a person's files may take. */
  readonly quotaBytes: number;
  /** How long a file stays in the trash before it is purged. */
  readonly trashDays: number;
};
