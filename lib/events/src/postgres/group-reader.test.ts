import { eventually, freeDatabase } from "@lyceum/testing";
import { expect, test } from "vitest";
import { changeThing, defineThing, makeTables, recordEffects, thingChanged } from "../contract/thing.ts";
import { eventMigrations, eventStoreMigrations } from "../migrations.ts";
import { openMember } from "./postgres-member.ts";

/** A handler that nothing in these tests concerns. */
const otherThing = (member: Parameters<typeof recordEffects>[0]) =>
  ({
    ...recordEffects(member),
    type: Object.assign(() => {}, defineThing(), { fullName: "lyceum.test.v1.Other" }),
  }) as never;

test("a move over events of no concern that the server has lost is made again", async () => {
  const [eventsUrl, databaseUrl] = [await freeDatabase([eventStoreMigrations]), await freeDatabase([eventMigrations])];
  await using member = await openMember({ eventsUrl }, { service: "test", databaseUrl, publishes: [thingChanged] });
  await makeTables(member);
  await member.log.consume("others", [otherThing(member)]);
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

test("a group that begins late goes past what this process has published to what another has", async () => {
  const eventsUrl = await freeDatabase([eventStoreMigrations]);
  const open = async () => {
    const databaseUrl = await freeDatabase([eventMigrations]);
    const member = await openMember({ eventsUrl }, { service: "test", databaseUrl, publishes: [thingChanged] });
    await makeTables(member);
    return member;
  };
  await using here = await open();
  await using elsewhere = await open();
  const caughtUp = (group: string) => here.log.caughtUp(group, [thingChanged], AbortSignal.timeout(5_000));
  await here.log.consume("early", [recordEffects(here)]);
  for (const member of [here, elsewhere]) {
    await changeThing(member, "a");
    await eventually(async () => expect(await member.database.sql`select from outbox`).toHaveLength(0));
  }
  await caughtUp("early");
  await here.log.consume("late", [otherThing(here)]);
  await caughtUp("late");
});
