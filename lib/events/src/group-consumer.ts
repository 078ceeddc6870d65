import type { Group } from "./delivery.ts";
import { disposeAll } from "./dispose-all.ts";
import type { EventStore } from "./event-store.ts";
import { type Log, startLoop } from "./loop.ts";
import { retryParked } from "./parked-events.ts";

const parkedPollMs = 5_000;
const inboxDays = 7;

/** Delivers the log to one group until disposed, and retries what it parked. */
export async function startGroupConsumer(
  group: Group,
  store: EventStore,
  log: Log | undefined,
): Promise<AsyncDisposable> {
  const parking = startLoop(() => retryParked(group, parkedPollMs), { group: group.name, loop: "parked events" }, log);
  const cleaning = startLoop(() => forgetOldEvents(group), { group: group.name, loop: "inbox" }, log);
  const topics = new Set([...group.handlers.values()].map(({ type }) => type.topic));
  try {
    const reading = await store.consume(group, [...topics], parking.wake);
    return disposeAll([reading, parking, cleaning]);
  } catch (error) {
    await disposeAll([parking, cleaning])[Symbol.asyncDispose]();
    throw error;
  }
}

async function forgetOldEvents({ name, database }: Group): Promise<number> {
  await database.sql`
    delete from event_inbox where consumer_group = ${name} and seen_at < now() - make_interval(days => ${inboxDays})`;
  return 3_600_000;
}
