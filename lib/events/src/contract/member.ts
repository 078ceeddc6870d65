import { type Database, openDatabase } from "@lyceum/database";
import type { EventType } from "@lyceum/gen/events/event-type.ts";
import type { EventLog } from "../event-log.ts";
import type { EventRecord } from "../event-record.ts";
import { eventMigrations } from "../migrations.ts";

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

/** A service's database as members need it. */
export function openServiceDatabase({ databaseUrl, service }: MemberOptions): Promise<Database> {
  return openDatabase({ url: databaseUrl, applicationName: service, migrations: [eventMigrations], maxConnections: 5 });
}
