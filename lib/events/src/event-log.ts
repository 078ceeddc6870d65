import type { Transaction } from "@lyceum/database";
import type { EventType, Fact } from "@lyceum/gen/events/event-type.ts";
import type { GroupLag } from "./lag.ts";

/** An event as it is delivered. */
export type DeliveredEvent<T> = {
  /** The envelope's `ce_id`, a UUID v7. */
  readonly id: string;
  /** The Avro full name, `ce_type`. */
  readonly type: string;
  /** The service that published it, `ce_source`. */
  readonly source: string;
  /** When it happened, `ce_time`. */
  readonly time: Date;
  /** W3C trace context of what caused it, if that was traced. */
  readonly traceparent: string | undefined;
  /** The aggregate's id. */
  readonly key: string;
  readonly data: T;
};

/** What a service does about one kind of event. Made by `projection` and `reaction`. */
export type EventHandler = {
  // biome-ignore lint/suspicious/noExplicitAny: handlers of different events share one list
  readonly type: EventType<any>;
  readonly kind: "projection" | "reaction";
  // biome-ignore lint/suspicious/noExplicitAny: handlers of different events share one list
  readonly handle: (event: DeliveredEvent<any>, tx: Transaction) => Promise<void>;
};

/** A handler that only writes this service's read model: it may be replayed. Writes rows and returns in milliseconds. */
export function projection<T>(
  type: EventType<T>,
  handle: (event: DeliveredEvent<T>, tx: Transaction) => Promise<void>,
): EventHandler {
  return { type, kind: "projection", handle };
}

/** A handler that causes something, such as a job: it is never replayed. Writes rows and returns in milliseconds. */
export function reaction<T>(
  type: EventType<T>,
  handle: (event: DeliveredEvent<T>, tx: Transaction) => Promise<void>,
): EventHandler {
  return { type, kind: "reaction", handle };
}

/** What goes with a fact. */
export type AppendOptions = { readonly traceparent?: string | undefined };

/** One service's view of the event log. */
export interface EventLog extends AsyncDisposable {
  /**
   * Adds a fact to the outbox in the caller's transaction; the relay publishes it after the commit. `traceparent` continues
   * the trace of what caused it.
   */
  append<T>(tx: Transaction, fact: Fact<T>, options?: AppendOptions): Promise<void>;
  /** Adds many facts in this order, in one statement. One with a `traceparent` of its own continues that trace. */
  // biome-ignore lint/suspicious/noExplicitAny: facts of different shapes share one list
  appendAll(tx: Transaction, facts: readonly (Fact<any> & AppendOptions)[], options?: AppendOptions): Promise<void>;
  /**
   * Delivers every event of the handlers' types, in order per key and at least once; the group's cursor and inbox advance
   * in the same transaction of this service's database as the handler's effect, so effects happen exactly once.
   */
  consume(group: string, handlers: readonly EventHandler[]): Promise<AsyncDisposable>;
  /**
   * Shows every event of `types` since `from` to this process, in order per key. Nothing is stored or acknowledged.
   * Resolves when what had happened before the call was shown.
   */
  follow<T>(
    types: readonly EventType<T>[],
    from: Date,
    onEvent: (event: DeliveredEvent<T>) => void,
  ): Promise<AsyncDisposable>;
  /**
   * Resolves once the group has passed all that was in the log of these types' topics when this was called; what it parked
   * counts as passed. Throws the reason of `signal` when that is aborted.
   */
  // biome-ignore lint/suspicious/noExplicitAny: events of different shapes share one list
  caughtUp(group: string, types: readonly EventType<any>[], signal: AbortSignal): Promise<void>;
  /** How far every group of this service is behind. */
  lag(): Promise<GroupLag[]>;
  /** Sends bytes to every process that listens on `topic` now. Not stored; may be lost; ≤ 6,000 bytes. */
  signal(topic: string, key: string, bytes: Uint8Array): Promise<void>;
  /** Hears the signals on `topic` from now on. */
  onSignal(topic: string, onSignal: (key: string, bytes: Uint8Array) => void): Promise<AsyncDisposable>;
}
