import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { DescService } from "@bufbuild/protobuf";
import type { CallOptions, Client, ConnectRouter } from "@connectrpc/connect";
import type { Database, Transaction } from "@lyceum/database";
import type { EventHandler, EventLog } from "@lyceum/events";
import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { Logger } from "pino";
import type { z } from "zod";
import type { Feed, OpenFeed } from "./feeds/feed.ts";
import type { Patience } from "./patience.ts";

/** Everything Lyceum calls a service, in one word each: folder, proto package, environment prefix, database, topic, log. */
export type ServiceName = "gateway" | "identity" | "profile" | "files" | "chat" | "ingest" | "rag";

/** A person who has signed in. */
export type Person = { readonly userId: string; readonly sessionId: string; readonly roles: readonly string[] };

/** Who calls: a signed-in person, another service, or nobody known. Made by the authenticate interceptor only. */
export type Caller =
  | ({ readonly kind: "person" } & Person)
  | { readonly kind: "service"; readonly service: ServiceName; readonly onBehalfOf: string | undefined }
  | { readonly kind: "anonymous" };

/** A service before it runs: what it serves and publishes, and how to open it. */
export type ServiceDefinition<Config = unknown> = {
  readonly name: ServiceName;
  /** The proto services it implements. Those named `…InternalService` never reach the gateway. */
  readonly rpcs: readonly DescService[];
  // biome-ignore lint/suspicious/noExplicitAny: events of different shapes share one list
  readonly publishes: readonly EventType<any>[];
  /** Folder of its Drizzle migrations; absent for a service without a database. */
  readonly migrations?: string;
  /** What `lyceum replay` builds anew; absent where nothing it keeps follows from events alone. */
  readonly readModel?: ReadModel;
  /** Its environment variables by full name, checked before anything opens; a wrong one ends the start in one sentence. */
  readonly config: z.ZodType<Config>;
  readonly open: (host: Host, config: Config) => Promise<OpenService>;
  /** What an operator may have done to its data, by name. */
  readonly operations?: Readonly<Record<string, Operation>>;
};

/** Tables that follow from events alone, so that they can be built anew beside those that serve. */
export type ReadModel = {
  /** Nothing but projections, and the jobs these enqueue, writes to them. */
  readonly tables: readonly string[];
  /**
   * Runs in the transaction that puts the new tables in the place of the old, to keep what only the old ones know: new ones by
   * their names, old ones by `public` and their names.
   */
  readonly carryOver?: (tx: Transaction) => Promise<void>;
};

/** What fills a read model: of the handlers the projections, and what they enqueue. */
export type ReadModelWork = {
  readonly handlers: readonly EventHandler[];
  // biome-ignore lint/suspicious/noExplicitAny: jobs with different payloads share one list
  readonly jobs?: readonly JobKind<any>[];
};

/**
 * An operator's act on a service's data, whether or not the service runs. Its arguments come from a command line; it answers a
 * sentence that says what was done, and fails by the service's own errors.
 */
export type Operation = (host: Pick<Host, "database" | "events">, args: readonly string[]) => Promise<string>;

/** A running service. */
export type OpenService = {
  /** Mounts its RPCs; every interceptor is already in place. */
  readonly routes?: (router: ConnectRouter) => void;
  /** Plain HTTP beside the RPCs, for bytes. */
  readonly http?: readonly HttpRoute[];
  /** Streaming RPCs of its routes that many follow at once. */
  readonly feeds?: readonly Feed[];
  /** Engines of its own beside its database and the event log. */
  readonly engines?: readonly Engine[];
  /** What it does about events; consumed as the group named after the service. */
  readonly handlers?: readonly EventHandler[];
  /** Long work under a lease. */
  // biome-ignore lint/suspicious/noExplicitAny: jobs with different payloads share one list
  readonly jobs?: readonly JobKind<any>[];
  /**
   * What fills its read model on another host: its database, event log and jobs are those of a new generation, and what is
   * published there is heard by nobody.
   */
  readonly readModelOn?: (host: Host) => ReadModelWork;
  /** The gateway's only: takes every request of this process's port except /healthz and /readyz. */
  readonly front?: (mounts: Mounts) => Front;
  /** Called last at shut-down, after requests, consumers and jobs have ended. */
  readonly dispose?: () => Promise<void>;
};

/** Something a service relies on, such as a database. */
export type Engine = {
  /** What it is for, as `/readyz` names it where it does not answer. */
  readonly name: string;
  /** What does it, such as `Postgres`. */
  readonly provider: string;
  /** Fails if it cannot be reached. */
  readonly ping: () => Promise<unknown>;
};

/** What answers the outside world. */
export type Front = {
  readonly request: (req: IncomingMessage, res: ServerResponse) => void;
  /** Takes the handshake of a WebSocket; `head` are bytes that came with it. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** What a running service is given. */
export type Host = {
  readonly name: ServiceName;
  readonly log: Logger;
  /** Where people reach Lyceum, without a slash at its end; also the issuer of access tokens. `LYCEUM_PUBLIC_URL`, else `http://localhost:<PORT>`. */
  readonly publicUrl: string;
  /** This service's own folder below LYCEUM_HOME; exists. */
  readonly home: string;
  /** Its database, migrated. Throws for a service without migrations. */
  readonly database: Database;
  readonly events: EventLog;
  readonly jobs: JobQueue;
  readonly clients: Clients;
  /** Opens an engine of the service's own, waiting for one that cannot be reached yet; `/readyz` names it. */
  readonly patience: Patience;
  /** Aborted when the process begins to stop. */
  readonly stopping: AbortSignal;
};

/** Typed clients of other services: in-process where they run here, gRPC over HTTP/2 where `<SERVICE>_URL` says. */
export type Clients = {
  of<S extends DescService>(service: S): Client<S>;
  /** Call options that carry a service token for `callee`, for work that has no caller. */
  asService(
    callee: ServiceName,
    options?: { signal?: AbortSignal; onBehalfOf?: string; timeoutMs?: number },
  ): Promise<CallOptions>;
};

/** A plain HTTP endpoint. Errors thrown by `handle` before the first byte become problem+json. */
export type HttpRoute = {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** Such as `/v1/files/{file_id}/content`; `{name}` matches one segment. */
  readonly path: string;
  /**
   * `public`; `user` for signed-in persons; `signed` for them, and for whoever comes without a token if the handler finds that
   * the URL itself lets them in.
   */
  readonly access: "public" | "user" | "signed";
  /** Its OpenAPI 3.1 operation object, `operationId` included. */
  readonly operation: Record<string, unknown>;
  readonly handle: (call: HttpCall) => Promise<void>;
};

export type HttpCall = {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly caller: Caller;
  /** Aborted when the client goes away, the session ends or the process stops. */
  readonly signal: AbortSignal;
  readonly traceId: string;
  /** Call options that forward the caller's token and trace to another service. */
  readonly forward: CallOptions;
};

/** Work that outlives a request. At least once, under a lease, resumed by any replica after a crash. */
export type JobKind<Payload> = {
  /** Such as `parse`; unique in its service. */
  readonly kind: string;
  /** How many run at once in this process. */
  readonly concurrency: number;
  /** Tries before `onDead`; the wait between them doubles from 1 s to 60 s. */
  readonly maxAttempts: number;
  readonly run: (job: Job<Payload>) => Promise<void>;
  /** Runs in the transaction that gives the job up. */
  readonly onDead?: (payload: Payload, error: Error, tx: Transaction) => Promise<void>;
};

export type Job<Payload> = {
  readonly id: string;
  readonly payload: Payload;
  /** From 1. */
  readonly attempt: number;
  /** Aborted when the lease is lost, the job is cancelled or the process stops. */
  readonly signal: AbortSignal;
  /** W3C trace context of what enqueued it. */
  readonly traceparent: string | undefined;
  /** Writes the job's effect and removes the job in one transaction; throws if the lease was lost. Without it, `run` ending well removes the job. */
  complete(effect: (tx: Transaction) => Promise<void>): Promise<void>;
};

export type JobQueue = {
  /** Adds a job in the caller's transaction. One with the same kind and `key` that has not started is replaced, no later than it was due. */
  enqueue<Payload>(
    tx: Transaction,
    job: {
      kind: string;
      key: string;
      payload: Payload;
      /** Whose work it is: lanes take turns. */
      lane: string;
      /** The wait before its first try; 0 by default. */
      delayMs?: number;
    },
  ): Promise<void>;
  /** Removes the jobs of this kind and key; a running one is aborted. */
  cancel(tx: Transaction, kind: string, key: string): Promise<void>;
};

/** What the gateway serves: the public surface of this process and of the services it is pointed at. */
export type Mounts = {
  /** Every public proto service, hosted here or remote. */
  readonly services: readonly DescService[];
  /** Typed calls without interceptors of the client's: in-process or remote. Send `authorization` and `traceparent` along. */
  readonly clients: Clients;
  /** Serves Connect, gRPC and gRPC-Web of the public services hosted here; false if the path is none of them. */
  readonly rpc: (req: IncomingMessage, res: ServerResponse) => boolean;
  /** Serves the public plain HTTP routes hosted here; false if method and path are none of them. */
  readonly http: (req: IncomingMessage, res: ServerResponse) => boolean;
  readonly httpRoutes: readonly HttpRoute[];
  /** Opens the feed of a streaming RPC: the fast way to carry it over SSE or a WebSocket. */
  readonly feed: OpenFeed;
  /** Serves gRPC health and reflection of the public services hosted here and of these, which are hosted elsewhere. */
  readonly tools: (remote: readonly DescService[]) => (req: IncomingMessage, res: ServerResponse) => boolean;
  /** The person who holds an access token. Throws `unauthenticated` for any other token, services' included. */
  readonly identify: (token: string) => Promise<Person>;
  /** The port this process listens on. */
  readonly port: number;
  /** Where a service that is not hosted here answers, from `<SERVICE>_URL`. */
  readonly remoteUrl: (name: ServiceName) => string | undefined;
};

/** Types a definition by its config. */
export function defineService<Config>(definition: ServiceDefinition<Config>): ServiceDefinition<Config> {
  return definition;
}
