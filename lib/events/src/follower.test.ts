import { openDatabase } from "@lyceum/database";
import { eventually, freeDatabase } from "@lyceum/testing";
import { expect, test } from "vitest";
import { type ThingChanged, thingChanged } from "./contract/thing.ts";
import type { EventStore } from "./event-store.ts";
import { eventStoreMigrations } from "./migrations.ts";
import { openEventLog } from "./open-event-log.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { publishFact } from "./publish-fact.ts";

test("shows each event once although its schema was out of reach for a while", async () => {
  const options = { url: await freeDatabase(), applicationName: "events", migrations: [eventStoreMigrations] };
  await using database = await openDatabase(options);
  await using store = await openPostgresStore({ database });
  let failures = 2;
  const findSchema: EventStore["registry"]["findSchema"] = async (id) => {
    if (failures-- > 0) throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    return store.registry.findSchema(id);
  };
  const shaky = { ...store, registry: { ...store.registry, findSchema } };
  await using log = await openEventLog({ service: "follower", database: undefined, store: shaky, publishes: [] });
  const seen: ThingChanged[] = [];
  await using _ = await log.follow([thingChanged], new Date(), ({ data }) => seen.push({ ...data }));
  for (const version of [1, 2]) await publishFact(store, thingChanged({ thingId: "a", version }));
  await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(2));
  expect(failures).toBeLessThan(0);
  expect(seen).toEqual([
    { thingId: "a", version: 1 },
    { thingId: "a", version: 2 },
  ]);
});
