import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedPostgres } from "@lyceum/database";
import type { Member, OpenMember } from "../../lib/events/src/contract/member.ts";
import { makeTables, thingChanged } from "../../lib/events/src/contract/thing.ts";
import type { Mode } from "./faults/deployment.ts";
import { openTestLog } from "./faults/open-test-log.ts";
import { type Figure, quantile } from "./figure.ts";

const rounds = 5;
const eventsPerRound = 20_000;
const things = 160;
const patienceMs = 60_000;

/**
 * E1, E2: events a second from the outbox of one service through its relay and the log into the effects of another, which runs
 * in a process of its own: a handler that writes a row for each event. Floors on two cores.
 */
export async function benchEvents(): Promise<Figure[]> {
  return [
    await measure("E1", "relay and consume, the log in Postgres", "embedded", 2_000),
    await measure("E2", "relay and consume, the log on Kafka", "scaled", 5_000),
  ];
}

async function measure(id: string, name: string, mode: Mode, floor: number): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-bench-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = stack.use(await openEmbeddedPostgres({ folder: join(folder, "postgres") }));
  const [ownerUrl, readerUrl] = [await postgres.urlOf("owner"), await postgres.urlOf("reader")];
  const log = await openTestLog(mode, folder, await postgres.urlOf("events"), stack);
  const { openMember } = (await import(log.module)) as { openMember: OpenMember<unknown> };
  const open = async (service: string, databaseUrl: string, publishes: (typeof thingChanged)[]) =>
    stack.use(await openMember(log.connection, { service, databaseUrl, publishes }));
  const owner = await open("test", ownerUrl, [thingChanged]);
  const effects = await open("reader", readerUrl, []);
  for (const member of [owner, effects]) await makeTables(member);
  const reader = fork(
    join(import.meta.dirname, "faults/event-worker.ts"),
    ["reader", log.module, JSON.stringify(log.connection), readerUrl, "0"],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  stack.defer(async () => {
    const exited = once(reader, "exit");
    if (reader.kill("SIGKILL")) await exited;
  });
  // The first round warms everything up and waits until the reader is there.
  let handled = await runRound(owner, effects, 0);
  const perSecond: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    handled = await runRound(owner, effects, handled);
    perSecond.push(eventsPerRound / ((performance.now() - start) / 1_000));
  }
  const note = `${rounds} rounds of ${eventsPerRound} facts of ${things} keys, appended in one transaction within the time; fsync on`;
  return { id, name, value: quantile(perSecond), unit: "/s", bound: `>= ${floor}`, note };
}

/** Appends a round's facts at once; answers how many effects there are when they have all been had. */
async function runRound(owner: Member, reader: Member, before: number): Promise<number> {
  const facts = Array.from({ length: eventsPerRound }, (_, at) =>
    thingChanged({ thingId: `thing ${at % things}`, version: before + at }),
  );
  await owner.database.transaction((tx) => owner.log.appendAll(tx, facts));
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(25)) {
    const [row] = await reader.database.sql<{ count: number }[]>`select count(*)::int as count from effects`;
    if ((row?.count ?? 0) >= before + eventsPerRound) return before + eventsPerRound;
  }
  throw new Error(`Not all of ${eventsPerRound} events had their effect within ${patienceMs / 1_000} s.`);
}
