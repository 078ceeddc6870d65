import { type Database, openDatabase } from "@lyceum/database";
import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { EventLog } from "../event-log.ts";
import type { EventRecord } from "../event-record.ts";
import type { EventStore } from "../event-store.ts";
import { eventMigrations } from "../migrations.ts";
import { openEventLog } from "../open-event-log.ts";

/** One process's share of an event log under test. */
export type Member = AsyncDisposable & { readonly log: EventLog; readonly database: Database };

export type MemberOptions = {
  readonly service: string;
  /** The service's own database; members with the same one are replicas. */
  readonly databaseUrl: string;
  // biome-ignore lint/suspicious/noExplicitAny: events of different shapes share one list
  readonly publishes: readonly EventType<any>[];
  readonly retryMs?: number;
  /** Runs when the relay's batch is in the log and still in the outbox. */
  readonly afterPublish?: () => void;
};

/** An engine under test. The module that exports `openMember` is also imported by processes that are killed. */
export type Engine<Connection> = {
  /** Absolute path of that module. */
  readonly module: string;
  /** A fresh empty log. */
  readonly open: () => Promise<Connection>;
  readonly openMember: OpenMember<Connection>;
  /** Puts these bytes into the log as they are. */
  readonly publish: (connection: Connection, records: readonly EventRecord[]) => Promise<void>;
};

export type OpenMember<Connection> = (connection: Connection, options: MemberOptions) => Promise<Member>;

/** How a process of the suite opens, on whatever store `openStore` opens into the stack. */
export function memberOn<Connection>(
  openStore: (connection: Connection, opening: AsyncDisposableStack) => Promise<EventStore>,
): Pick<Engine<Connection>, "openMember" | "publish"> {
  return {
    async openMember(connection, { afterPublish, databaseUrl, ...options }) {
      await using opening = new AsyncDisposableStack();
      const database = opening.use(
        await openDatabase({
          url: databaseUrl,
          applicationName: options.service,
          migrations: [eventMigrations],
          maxConnections: 5,
        }),
      );
      const store = await openStore(connection, opening);
      const publish: EventStore["publish"] = async (records) => {
        await store.publish(records);
        afterPublish?.();
      };
      const log = opening.use(await openEventLog({ ...options, database, store: { ...store, publish } }));
      const open = opening.move();
      return { log, database, [Symbol.asyncDispose]: () => open.disposeAsync() };
    },
    async publish(connection, records) {
      await using opening = new AsyncDisposableStack();
      const store = await openStore(connection, opening);
      await store.publish(records);
    },
  };
}
