import { openDatabase } from "@lyceum/database";
import { type Engine, type OpenMember, openServiceDatabase } from "../contract/member.ts";
import { eventStoreMigrations } from "../migrations.ts";
import { openEventLog } from "../open-event-log.ts";
import { type EventStore, openEventStore } from "./event-store.ts";

/** Where the log of a test is. */
export type PostgresConnection = { readonly eventsUrl: string };

/** A process of the contract suite with the log in Postgres. */
export const openMember: OpenMember<PostgresConnection> = async ({ eventsUrl }, options) => {
  await using opening = new AsyncDisposableStack();
  const { afterPublish, ...rest } = options;
  const database = opening.use(await openServiceDatabase(options));
  const store = await openStoreAt(eventsUrl, opening);
  const publish: EventStore["publish"] = async (records) => {
    await store.publish(records);
    afterPublish?.();
  };
  const log = opening.use(await openEventLog({ ...rest, database, store: { ...store, publish } }));
  const open = opening.move();
  return { log, database, [Symbol.asyncDispose]: () => open.disposeAsync() };
};

/** Writes to the log past any outbox. */
export const publish: Engine<PostgresConnection>["publish"] = async ({ eventsUrl }, records) => {
  await using opening = new AsyncDisposableStack();
  const store = await openStoreAt(eventsUrl, opening);
  await store.publish(records);
};

async function openStoreAt(url: string, opening: AsyncDisposableStack): Promise<EventStore> {
  const options = { url, applicationName: "events", migrations: [eventStoreMigrations], maxConnections: 5 };
  const database = opening.use(await openDatabase(options));
  return opening.use(await openEventStore({ database }));
}
