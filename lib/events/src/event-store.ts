import type { SchemaRegistry } from "./avro/schema-registry.ts";
import type { Group } from "./delivery.ts";
import type { EventRecord, LoggedEvent } from "./event-record.ts";

/** An engine that holds the log: what Postgres and Kafka both do for every EventLog of a process. */
export interface EventStore extends AsyncDisposable {
  readonly registry: SchemaRegistry;
  /** Makes a topic if it is new; only the service that publishes to it does. */
  openTopic(topic: string): Promise<void>;
  /** Adds events to the log in this order. An engine may leave out those it has already taken; the inbox drops the rest. */
  publish(records: readonly EventRecord[]): Promise<void>;
  /** The offset after the last event of each partition of a topic; none for a topic that is not there. */
  readEnds(topic: string): Promise<number[]>;
  /**
   * Delivers these topics to one member of a group by `applyBatch`, until disposed. `onParked` is called when an event was
   * parked. Throws if the log does not hold what the group's cursors say it handled.
   */
  consume(group: Group, topics: readonly string[], onParked: () => void): Promise<AsyncDisposable>;
  /**
   * Shows every event of a topic logged at `from` or later, in order per partition; one at which `show` throws is shown again.
   * Resolves when what had happened before the call was shown.
   */
  follow(topic: string, from: Date, show: (record: LoggedEvent) => Promise<void>): Promise<AsyncDisposable>;
  /** See EventLog. */
  signal(topic: string, key: string, bytes: Uint8Array): Promise<void>;
  /** Hears signals on `topic` from now on. */
  onSignal(topic: string, onSignal: SignalListener): Promise<AsyncDisposable>;
  /** Fails if the engine cannot be reached. */
  ping(): Promise<unknown>;
}

export type SignalListener = (key: string, bytes: Uint8Array) => void;

/** The most bytes a signal takes. */
export const maxSignalBytes = 6_000;

/** What an engine says of a topic that was made with fewer partitions than are configured now. */
export const fewPartitions = "a topic has fewer partitions than configured: it works, with less side by side";
