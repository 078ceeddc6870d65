import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { Codec } from "./avro/codec.ts";
import { openEvent } from "./delivery.ts";
import { disposeAll } from "./dispose-all.ts";
import { isDependencyMissing } from "./errors.ts";
import type { DeliveredEvent } from "./event-log.ts";
import type { LoggedEvent } from "./event-record.ts";
import type { EventStore } from "./event-store.ts";
import type { Log } from "./loop.ts";

/** Shows events to this process, first those logged since `from`, then as they come, until disposed. */
export async function startFollower<T>(
  { store, codec, log }: { store: EventStore; codec: Codec; log: Log | undefined },
  types: readonly EventType<T>[],
  from: Date,
  onEvent: (event: DeliveredEvent<T>) => void,
): Promise<AsyncDisposable> {
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

  const topics = new Set(types.map(({ topic }) => topic));
  return disposeAll(await Promise.all([...topics].map((topic) => store.follow(topic, from, show))));
}
