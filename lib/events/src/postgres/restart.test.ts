import { join } from "node:path";
import { type EmbeddedPostgres, openEmbeddedPostgres } from "@lyceum/database";
import { eventually, tempFolder } from "@lyceum/testing";
import { layCluster } from "@lyceum/testing/lay-cluster.ts";
import { expect, test } from "vitest";
import { changeThing, makeTables, readEffects, recordEffects, thingChanged } from "../contract/thing.ts";
import { openMember } from "./postgres-member.ts";

test("goes on after Postgres was away, notifications included", async () => {
  const folder = join(await tempFolder(), "postgres");
  await layCluster(folder);
  let postgres: EmbeddedPostgres = await openEmbeddedPostgres({ folder });
  const urls = await Promise.all(["events", "owner", "reader"].map((name) => postgres.urlOf(name)));
  const [eventsUrl, ownerUrl, readerUrl] = urls as [string, string, string];
  await using owner = await openMember(
    { eventsUrl },
    { service: "test", databaseUrl: ownerUrl, publishes: [thingChanged] },
  );
  await using reader = await openMember({ eventsUrl }, { service: "reader", databaseUrl: readerUrl, publishes: [] });
  await makeTables(owner);
  await makeTables(reader);
  await reader.log.consume("readers", [recordEffects(reader)]);
  const heard: string[] = [];
  await reader.log.onSignal("typing", (key) => heard.push(key));
  await changeThing(owner, "a");
  await eventually(async () => expect(await readEffects(reader)).toEqual({ a: [1] }));

  await postgres[Symbol.asyncDispose]();
  await expect(changeThing(owner, "a")).rejects.toThrow();
  postgres = await openEmbeddedPostgres({ folder });

  await eventually(() => changeThing(owner, "a"));
  await eventually(async () => expect(await readEffects(reader)).toEqual({ a: [1, 2] }));
  await eventually(async () => {
    await owner.log.signal("typing", "room", new Uint8Array(1));
    expect(heard).toContain("room");
  });
  await reader[Symbol.asyncDispose]();
  await owner[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
}, 60_000);
