import type { Database } from "@lyceum/database";
import type { EventType } from "@lyceum/gen/events/event-type.ts";
import { createCodec } from "./avro/codec.ts";
import { newEventId } from "./event-id.ts";
import type { EventHandler, EventLog } from "./event-log.ts";
import type { EventRecord } from "./event-record.ts";
import type { EventStore } from "./event-store.ts";
import { startFollower } from "./follower.ts";
import { startGroupConsumer } from "./group-consumer.ts";
import { readLag } from "./lag.ts";
import type { Log } from "./loop.ts";
import { startRelay } from "./postgres/relay.ts";
import { waitUntilPassed } from "./wait-until-passed.ts";

/** Whose view of the log is opened, and what it may publish. */
export type EventLogOptions = {
  /** Who publishes: the envelope's `ce_source`. */
  readonly service: string;
  /** The service's own database, with `eventMigrations`; a service without one can only follow and signal. */
  readonly database: Database | undefined;
  /** The log, shared by all services of the process; disposing of an EventLog leaves it open. */
  readonly store: EventStore;
  /** The events this service owns; their schemas are registered here. */
  // biome-ignore lint/suspicious/noExplicitAny: events of different shapes share one list
  readonly publishes: readonly EventType<any>[];
  /** The wait before the first retry of a parked event, 1 s by default; it doubles with each. */
  readonly retryMs?: number;
  /** Hears of what this service's relay has put into the log. */
  readonly onPublished?: (records: readonly PublishedEvent[]) => void;
  readonly log?: Log | undefined;
};

/** An event on its way: what a trace of it needs. */
export type PublishedEvent = Pick<EventRecord, "type" | "time" | "traceparent">;

/** One service's event log. Throws IncompatibleSchemaError where a schema breaks an earlier version's users. */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const { service, database, store, log, retryMs = 1_000 } = options;
  const codec = createCodec(store.registry);
  for (const type of options.publishes) await codec.register(type);
  for (const topic of new Set(options.publishes.map((type) => type.topic))) await store.openTopic(topic);
  const relay = database && startRelay(database, toPublisher(store, options.onPublished), log);
  const running = new Set<AsyncDisposable>(relay ? [relay] : []);

  function track(part: AsyncDisposable): AsyncDisposable {
    running.add(part);
    return {
      async [Symbol.asyncDispose]() {
        running.delete(part);
        await part[Symbol.asyncDispose]();
      },
    };
  }

  const appendAll: EventLog["appendAll"] = async (tx, facts, options = {}) => {
    if (!database || !relay) throw new Error(`${service} has no database, and so nothing to say.`);
    if (facts.length === 0) return;
    const time = new Date().toISOString();
    const rows = facts.map(({ type, data, traceparent = options.traceparent }) => ({
      id: newEventId(),
      topic: type.topic,
      type: type.fullName,
      traceparent,
      key: String(data[type.key]),
      body: Buffer.from(codec.encode(type, data)).toString("base64"),
    }));
    await database.sqlOf(tx)`
      insert into outbox (event_id, topic, type, source, time, traceparent, key, body)
      select id, topic, type, ${service}, ${time}::timestamptz, traceparent, key, decode(body, 'base64')
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as fact(id text, topic text, type text, traceparent text, key text, body text)`;
    database.afterCommit(tx, relay.wake);
  };

  return {
    append: (tx, fact, options) => appendAll(tx, [fact], options),
    appendAll,
    async consume(name, handlers) {
      if (!database) throw new Error(`${service} has no database to consume into.`);
      const group = { name, database, codec, handlers: byType(handlers), retryMs };
      return track(await startGroupConsumer(group, store, log));
    },
    async caughtUp(name, types, signal) {
      if (!database) throw new Error(`${service} has no database to consume into.`);
      const topics = [...new Set(types.map(({ topic }) => topic))];
      await waitUntilPassed({ name, database, store }, topics, signal);
    },
    async lag() {
      return database ? readLag(database, store.readEnds) : [];
    },
    async follow(types, from, onEvent) {
      return track(await startFollower({ store, codec, log }, types, from, onEvent));
    },
    signal: (topic, key, bytes) => store.signal(topic, key, bytes),
    onSignal: (topic, onSignal) => store.onSignal(topic, onSignal),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((part) => part[Symbol.asyncDispose]()));
    },
  };
}

function toPublisher(store: EventStore, onPublished: EventLogOptions["onPublished"]): Pick<EventStore, "publish"> {
  return {
    async publish(records) {
      await store.publish(records);
      onPublished?.(records);
    },
  };
}

function byType(handlers: readonly EventHandler[]): Map<string, EventHandler> {
  const map = new Map<string, EventHandler>();
  for (const handler of handlers) {
    if (map.has(handler.type.fullName)) throw new Error(`Two handlers of one group take ${handler.type.fullName}.`);
    map.set(handler.type.fullName, handler);
  }
  return map;
}
