import { eventually, freeDatabase } from "@lyceum/testing";
import { expect, test } from "vitest";
import { changeThing, defineThing, makeTables, recordEffects, thingChanged } from "../contract/thing.ts";
import { openMember } from "./postgres-member.ts";

test("a move over events of no concern that the server has lost is made again", async () => {
  const [eventsUrl, databaseUrl] = [await freeDatabase(), await freeDatabase()];
  await using member = await openMember({ eventsUrl }, { service: "test", databaseUrl, publishes: [thingChanged] });
  await makeTables(member);
  const other = {
    ...recordEffects(member),
    type: Object.assign(() => {}, defineThing(), { fullName: "lyceum.test.v1.Other" }),
  };
  await member.log.consume("others", [other as never]);
  const isSent = async () => expect(await member.database.sql`select from outbox`).toHaveLength(0);
  const pass = async () => {
    await changeThing(member, "a");
    await eventually(isSent);
    await member.log.caughtUp("others", [thingChanged], AbortSignal.timeout(3_000));
  };
  await pass();
  await member.database.sql`update event_cursors set next_offset = 0`;
  await pass();
  const [cursors] = await member.database.sql<
    { sum: number }[]
  >`select sum(next_offset)::int as sum from event_cursors`;
  expect(cursors?.sum).toBe(2);
});
