import { defineEvent } from "@lyceum/gen/events/event-type.ts";
import type { DeliveredEvent } from "../event-log.ts";
import { projection } from "../event-log.ts";
import type { Member } from "./member.ts";

export type ThingChanged = { thingId: string; version: number };

/** An event with fields beside its key and version. */
export function defineThing<T extends ThingChanged>(fields: readonly object[] = []) {
  return defineEvent<T>({
    fullName: "lyceum.test.v1.ThingChanged",
    topic: "test.v1",
    key: "thingId",
    schema: JSON.stringify({
      type: "record",
      name: "ThingChanged",
      namespace: "lyceum.test.v1",
      fields: [{ name: "thingId", type: "string" }, { name: "version", type: "long" }, ...fields],
    }),
  });
}

export const thingChanged = defineThing<ThingChanged>();

/** Makes the tables that stand for what services own. */
export async function makeTables({ database }: Member): Promise<void> {
  await database.sql`create table if not exists things (id text primary key, version int not null)`;
  await database.sql`create table if not exists effects (
    id bigint generated always as identity, event_id text not null, thing_id text not null, version int not null)`;
}

/** Raises a thing's version under its row lock and tells of it. */
export async function changeThing(member: Member, thingId: string, holdMs = 0): Promise<void> {
  await member.database.transaction(async (tx) => {
    const sql = member.database.sqlOf(tx);
    const [row] = await sql<{ version: number }[]>`
      insert into things values (${thingId}, 1) on conflict (id) do update set version = things.version + 1
      returning version`;
    await member.log.append(tx, thingChanged({ thingId, version: row?.version ?? 0 }));
    if (holdMs > 0) await sql`select pg_sleep(${holdMs / 1000})`;
  });
}

/** A handler that writes down what it was given, after `before` let it. */
export function recordEffects(member: Member, before: (event: DeliveredEvent<ThingChanged>) => void = () => {}) {
  return projection(thingChanged, async (event, tx) => {
    before(event);
    await member.database.sqlOf(tx)`insert into effects (event_id, thing_id, version)
      values (${event.id}, ${event.data.thingId}, ${event.data.version})`;
  });
}

/** The versions each thing's effects carried, in the order in which they happened. */
export async function readEffects({ database }: Member): Promise<Record<string, number[]>> {
  const rows = await database.sql<{ thing_id: string; versions: number[] }[]>`
    select thing_id, array_agg(version order by id) as versions from effects group by 1 order by 1`;
  return Object.fromEntries(rows.map((row) => [row.thing_id, row.versions]));
}

/** What is parked, first to last. */
export async function readParked({ database }: Member): Promise<readonly Parked[]> {
  return database.sql<Parked[]>`
    select key, error, attempts, dead from parked_events order by topic, key, log_offset`;
}

export type Parked = { key: string; error: string | null; attempts: number; dead: boolean };
