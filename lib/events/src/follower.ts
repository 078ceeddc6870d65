import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { Codec } from "./avro/codec.ts";
import { openEvent } from "./delivery.ts";
import { disposeAll } from "./dispose-all.ts";
import { isDependencyMissing } from "./errors.ts";
import type { DeliveredEvent } from "./event-log.ts";
import type { LoggedEvent } from "./event-record.ts";
import { type Log, type Loop, startLoop } from "./loop.ts";
import type { EventStore } from "./postgres/event-store.ts";

const batchSize = 500;
const idleMs = 60_000;

/** Shows events to this process, first those logged since `from`, then as they come, until disposed. */
export async function startFollower<T>(
  options: { store: EventStore; codec: Codec; partitions: number; log: Log | undefined },
  types: readonly EventType<T>[],
  from: Date,
  onEvent: (event: DeliveredEvent<T>) => void,
): Promise<AsyncDisposable> {
  const { store, codec, log } = options;
  const byName = new Map(types.map((type) => [type.fullName, type]));

  async function show(record: LoggedEvent): Promise<void> {
    const type = byName.get(record.type);
    if (!type) return;
    try {
      onEvent(await openEvent<T>(codec, type, record));
    } catch (error) {
      // Its schema may be out of reach for a while: what is passed over now, a revoked session say, is never shown again.
      if (isDependencyMissing(error)) throw error;
      log?.warn({ err: error, type: record.type, event: record.id }, "a followed event was not taken");
    }
  }

  const parts: (AsyncDisposable | Disposable)[] = [];
  for (const topic of new Set(types.map((type) => type.topic))) {
    await store.openTopic(topic, options.partitions);
    const ends = await store.readEnds(topic);
    const steps = await Promise.all(ends.map((end, partition) => catchUp(topic, partition, end)));
    const loops: Loop[] = [];
    // Heard before the next read, so that nothing comes between them.
    parts.push(store.onEnd(topic, (partition) => loops[partition]?.wake()));
    for (const [partition, step] of steps.entries())
      loops.push(startLoop(step, { loop: "follow", topic, partition }, log));
    parts.push(...loops);
  }
  return disposeAll(parts);

  /** Shows what is there up to `end`; answers the step that shows what comes. */
  async function catchUp(topic: string, partition: number, end: number): Promise<() => Promise<number>> {
    let position = await store.findOffset(topic, partition, from);
    const step = async () => {
      const records = await store.read(topic, partition, position, batchSize);
      for (const record of records) {
        await show(record);
        position = record.offset + 1;
      }
      return records.length === batchSize ? 0 : idleMs;
    };
    while (position < end) await step();
    return step;
  }
}
