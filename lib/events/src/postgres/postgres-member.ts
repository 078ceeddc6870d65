import { openDatabase } from "@lyceum/database";
import { memberOn } from "../contract/member.ts";
import { eventStoreMigrations } from "../migrations.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

/** Where the log of a test is. */
export type PostgresConnection = { readonly eventsUrl: string };

/** Processes of the contract suite with the log in Postgres. */
export const { openMember, publish } = memberOn<PostgresConnection>(async ({ eventsUrl }, opening) => {
  const options = {
    url: eventsUrl,
    applicationName: "events",
    migrations: [eventStoreMigrations],
    maxConnections: 5,
  };
  const database = opening.use(await openDatabase(options));
  return opening.use(await openPostgresStore({ database }));
});
