import { join } from "node:path";
import { openDatabase } from "@lyceum/database";
import { freeDatabase } from "@lyceum/testing";
import { testEventLog } from "../contract/test-event-log.ts";
import { testFewPartitions } from "../contract/test-few-partitions.ts";
import { eventStoreMigrations } from "../migrations.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { openMember, publish } from "./postgres-member.ts";

testEventLog("the log in Postgres", {
  module: join(import.meta.dirname, "postgres-member.ts"),
  open: async () => ({ eventsUrl: await freeDatabase([eventStoreMigrations]) }),
  openMember,
  publish,
});

const migrations = [eventStoreMigrations];
const url = freeDatabase(migrations);
testFewPartitions("the log in Postgres", async (options) => {
  const database = await openDatabase({ url: await url, applicationName: "events", migrations, maxConnections: 2 });
  const store = await openPostgresStore({ ...options, database });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
});
