import type { Database, Transaction } from "@lyceum/database";
import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { Codec } from "./avro/codec.ts";
import type { DeliveredEvent, EventHandler } from "./event-log.ts";
import type { EventRecord } from "./event-record.ts";

/** What a group does with its events, and where its cursors, inbox and parked events are. */
export type Group = {
  readonly name: string;
  readonly database: Database;
  readonly codec: Codec;
  /** By the event's full name; events of other types are passed over. */
  readonly handlers: ReadonlyMap<string, EventHandler>;
  /** The wait before the first retry of a parked event; it doubles with each. */
  readonly retryMs: number;
};

/** Gives an event to its handler. */
export async function deliver(group: Group, record: EventRecord, tx: Transaction): Promise<void> {
  const handler = group.handlers.get(record.type);
  if (!handler) return;
  await handler.handle(await openEvent(group.codec, handler.type, record), tx);
}

/** Delivers under a savepoint, deferred constraints included, so that a failure undoes this event's effects alone. */
export async function deliverCarefully(group: Group, record: EventRecord, tx: Transaction): Promise<void> {
  await group.database.savepoint(tx, async (inner) => {
    await deliver(group, record, inner);
    await group.database.sqlOf(inner)`set constraints all immediate`;
  });
}

/** Decodes an event as it is delivered. */
export async function openEvent<T>(codec: Codec, type: EventType<T>, record: EventRecord): Promise<DeliveredEvent<T>> {
  const { id, source, time, traceparent, key } = record;
  const data = await codec.decode(type, record.body);
  return { id, type: record.type, source, time, traceparent, key, data };
}
