import { join } from "node:path";
import { freeDatabase } from "@lyceum/testing";
import { testEventLog } from "../contract/test-event-log.ts";
import { openMember, publish } from "./postgres-member.ts";

testEventLog("the log in Postgres", {
  module: join(import.meta.dirname, "postgres-member.ts"),
  open: async () => ({ eventsUrl: await freeDatabase() }),
  openMember,
  publish,
});
