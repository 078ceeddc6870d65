import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Clients, Host, JobQueue } from "@lyceum/service";
import type { Embedder } from "./embedder/embedder.ts";
import type { Generator } from "./generator/generator.ts";
import type { Searcher } from "./searching/searcher.ts";
import type { VectorIndex } from "./vectors/vector-index.ts";

/** What rag's RPCs, handlers and jobs work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly clients: Clients;
  readonly jobs: JobQueue;
  readonly log: Host["log"];
  readonly embedder: Embedder;
  readonly searcher: Searcher;
  readonly vectors: VectorIndex;
  readonly generator: Generator;
};
