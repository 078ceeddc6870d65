import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedPostgres } from "@lyceum/database";
import type { OpenMember } from "../../../lib/events/src/contract/member.ts";
import {
  changeThing,
  makeTables,
  readEffects,
  readParked,
  recordEffects,
  thingChanged,
} from "../../../lib/events/src/contract/thing.ts";
import type { Figure } from "../figure.ts";
import { countFigure, type Mode } from "./deployment.ts";
import { openTestLog } from "./open-test-log.ts";

const others = 200;
const patienceMs = 60_000;

/** F4: an unknown schema, bytes that are no event and one its handler refuses: when they are parked, and what goes on meanwhile. */
export async function faultPoison(mode: Mode): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-fault-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = stack.use(await openEmbeddedPostgres({ folder: join(folder, "postgres") }));
  const log = await openTestLog(mode, folder, await postgres.urlOf("events"), stack);
  const { openMember } = (await import(log.module)) as { openMember: OpenMember<unknown> };
  const open = async (service: string, publishes: readonly (typeof thingChanged)[]) => {
    const member = await openMember(log.connection, { service, databaseUrl: await postgres.urlOf(service), publishes });
    await makeTables(member);
    return stack.use(member);
  };
  const [owner, reader] = [await open("test", [thingChanged]), await open("reader", [])];
  const refuse = recordEffects(reader, ({ key }) => {
    if (key === "refused") throw new Error("never");
  });
  stack.use(await reader.log.consume("readers", [refuse]));
  await changeThing(owner, "first");
  await until(async () => "first" in (await readEffects(reader)));

  const start = performance.now();
  const { fullName: type, topic } = thingChanged;
  const envelope = { topic, type, source: "test", time: new Date(), traceparent: undefined };
  await log.store.publish([
    { ...envelope, id: "unknown schema", key: "unknown", body: Buffer.from("000000ffff00", "hex") },
    { ...envelope, id: "no event", key: "garbage", body: Buffer.from("{}") },
  ]);
  for (const _ of [1, 2]) await changeThing(owner, "refused");
  await Promise.all(Array.from({ length: others }, (_, at) => changeThing(owner, `other ${at}`)));
  const causes = async () => (await readParked(reader)).filter(({ error }) => error);
  await until(async () => (await causes()).length === 3);
  const parkedMs = performance.now() - start;
  const passed = async () => Object.keys(await readEffects(reader)).filter((key) => key.startsWith("other")).length;
  await until(async () => (await passed()) === others);
  const othersMs = performance.now() - start;

  const parked = await readParked(reader);
  const behind = parked.filter(({ key, error }) => key === "refused" && error === null).length;
  const overtaken = (await readEffects(reader)).refused?.length ?? 0;
  const note = mode === "scaled" ? "Kafka" : "Postgres";
  return [
    toFigure("time to park, with its cause", parkedMs, `${note}; the last of 3`),
    toFigure("time until all others had passed", othersMs, `${note}; ${others} events`),
    countFigure("F4", "poison events without a cause", 3 - (await causes()).length, note),
    countFigure("F4", "later events of its key that overtook it", overtaken + (1 - behind), note),
  ];
}

const toFigure = (name: string, ms: number, note: string): Figure => ({
  id: "F4",
  name,
  value: ms / 1_000,
  unit: "s",
  bound: "<= 30",
  note,
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(20)) {
    if (await holds()) return;
  }
}
