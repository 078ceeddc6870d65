import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEmbeddedPostgres } from "@lyceum/database";
import type { EventStore } from "@lyceum/events";
import type { OpenMember } from "../../../lib/events/src/contract/member.ts";
import { makeTables, thingChanged } from "../../../lib/events/src/contract/thing.ts";
import type { Figure } from "../figure.ts";
import { countFigure, type Mode } from "./deployment.ts";
import { openTestLog } from "./open-test-log.ts";

const total = 10_000;
const patienceMs = 300_000;
const duplicateShare = 0.1;
const killEveryMs = 2_500;

/** F3: 10,000 events of overlapping transactions; owners with their relays and readers are killed, a tenth of the events comes twice. */
export async function faultEvents(mode: Mode): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "lyceum-fault-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = stack.use(
    await openEmbeddedPostgres({ folder: join(folder, "postgres"), settings: { max_connections: "200" } }),
  );
  const [owner, reader] = [await postgres.urlOf("owner"), await postgres.urlOf("reader")];
  const log = await openTestLog(mode, folder, await postgres.urlOf("events"), stack);
  const { openMember } = (await import(log.module)) as { openMember: OpenMember<unknown> };
  const members = [
    await openMember(log.connection, { service: "test", databaseUrl: owner, publishes: [thingChanged] }),
    await openMember(log.connection, { service: "reader", databaseUrl: reader, publishes: [] }),
  ] as const;
  for (const member of members) {
    stack.use(member);
    await makeTables(member);
  }
  let repeated = 0;
  const repeat: Parameters<EventStore["follow"]>[2] = async (record) => {
    if (Math.random() >= duplicateShare) return;
    repeated += 1;
    await log.store.publish([record]);
  };
  stack.use(await log.store.follow("test.v1", new Date(0), repeat));

  const workers = [
    ...[1, 2].map(() => keepWorker(["owner", log.module, JSON.stringify(log.connection), owner, `${total}`])),
    ...[1, 2].map(() => keepWorker(["reader", log.module, JSON.stringify(log.connection), reader, "0"])),
  ];
  const deadline = Date.now() + patienceMs;
  let kills = 0;
  while (!workers.slice(0, 2).every((worker) => worker.isDone()) && Date.now() < deadline) {
    // Longer than a worker takes to start: one that is always killed at once has nothing to lose.
    await sleep(killEveryMs);
    // The last thousand are left in peace, so that the run ends.
    const [{ sum }] = (await members[0].database
      .sql`select coalesce(sum(version), 0)::int as sum from things`) as unknown as [{ sum: number }];
    console.error(`${sum} of ${total} changes, ${kills} kills`);
    if (sum > total * 0.9) continue;
    await workers[kills % workers.length]?.kill();
    kills += 1;
  }
  const [{ events }] = (await members[0].database.sql`select sum(version)::int as events from things`) as unknown as [
    { events: number },
  ];
  const read = async () => {
    const [row] = (await members[1].database.sql`
      select count(*)::int as effects, count(distinct event_id)::int as distinct_effects from effects`) as unknown as [
      { effects: number; distinct_effects: number },
    ];
    return row;
  };
  let effects = await read();
  while (effects.distinct_effects < events && Date.now() < deadline) {
    await sleep(300);
    effects = await read();
  }
  const [{ disordered }] = (await members[1].database.sql`
    select count(*)::int as disordered from (
      select version, lag(version, 1, 0) over (partition by thing_id order by id) as before from effects) as steps
    where version <> before + 1`) as unknown as [{ disordered: number }];
  await Promise.all(workers.map((worker) => worker.end()));
  const note = `${mode === "scaled" ? "Kafka" : "Postgres"}; ${events} events, ${kills} kills, ${repeated} published twice`;
  return [
    countFigure("F3", "events without an effect", events - effects.distinct_effects, note),
    countFigure("F3", "effects had twice", effects.effects - effects.distinct_effects, note),
    countFigure("F3", "effects out of their key's order", disordered, note),
  ];
}

/** A worker that is started again whenever it ends before it is done. */
function keepWorker(args: string[]) {
  let done = false;
  let stopped = false;
  let child: ChildProcess;
  const begin = () => {
    child = fork(join(import.meta.dirname, "event-worker.ts"), args, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    child.once("message", () => {
      done = true;
    });
    child.once("exit", () => {
      if (!stopped && !done) begin();
    });
  };
  begin();
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return {
    isDone: () => done,
    kill: async () => (done ? undefined : end()),
    async end() {
      stopped = true;
      await end();
    },
  };
}
