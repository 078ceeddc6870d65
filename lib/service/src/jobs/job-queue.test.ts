import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Database, openDatabase, type Transaction } from "@lyceum/database";
import { eventually, freeDatabase } from "@lyceum/testing";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job, JobKind } from "../define-service.ts";
import { continueTrace, currentTraceparent, withTrace } from "../trace.ts";
import { createJobRunner, type JobRunner } from "./job-queue.ts";
import { claimJob } from "./store.ts";

type Payload = { n: number };
const migrations = [{ folder: join(import.meta.dirname, "../../migrations"), table: "jobs" }];
const log = pino({ level: "silent" });
let database: Database;
let runners: JobRunner[];
let url: string;

beforeEach(async () => {
  url = await freeDatabase(migrations);
  database = await openDatabase({ url, applicationName: "jobs", migrations });
  runners = [];
});
afterEach(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await database[Symbol.asyncDispose]();
});

async function startRunner(
  run: JobKind<Payload>["run"],
  more: Partial<JobKind<Payload> & Parameters<typeof createJobRunner>[0]> = {},
): Promise<JobRunner> {
  const runner = createJobRunner({ database, log, leaseMs: 600, pollMs: 100, ...more });
  runners.push(runner);
  await runner.start([{ kind: "count", concurrency: 2, maxAttempts: 3, run, ...more }]);
  return runner;
}

function enqueue(runner: JobRunner, key: string, { n = 1, lane = "a" } = {}): Promise<void> {
  return database.transaction((tx) => runner.enqueue(tx, { kind: "count", key, payload: { n }, lane }));
}

const countJobs = async () => Number((await database.sql`select count(*) from jobs`)[0]?.count);

test("a job runs once it is committed, with its payload and trace, and is gone then", async () => {
  const seen: Partial<Job<Payload>>[] = [];
  const traces: (string | undefined)[] = [];
  const runner = await startRunner(async ({ payload, attempt, traceparent }) => {
    seen.push({ payload, attempt });
    traces.push(traceparent, currentTraceparent());
  });
  const trace = continueTrace(undefined);
  await withTrace(trace, () => enqueue(runner, "1", { n: 7 }));
  await eventually(() => expect(seen).toEqual([{ payload: { n: 7 }, attempt: 1 }]));
  expect(traces[0]).toBe(trace.traceparent);
  expect(traces[1]).toContain(trace.traceId);
  await eventually(async () => expect(await countJobs()).toBe(0));
});

test("a job that is put off waits, until a newer one of its key is due at once; none is put off by a newer one", async () => {
  const seen: number[] = [];
  const runner = await startRunner(async ({ payload }) => void seen.push(payload.n));
  const enqueueOne = (tx: Transaction, n: number, delayMs: number) =>
    runner.enqueue(tx, { kind: "count", key: "1", payload: { n }, lane: "a", delayMs });
  const putOff = (n: number, delayMs: number) => database.transaction((tx) => enqueueOne(tx, n, delayMs));
  await putOff(1, 60_000);
  await sleep(300);
  expect(seen).toEqual([]);
  await putOff(2, 0);
  await eventually(() => expect(seen).toEqual([2]));
  await database.transaction(async (tx) => {
    await enqueueOne(tx, 3, 0);
    await enqueueOne(tx, 4, 60_000);
  });
  await eventually(() => expect(seen).toEqual([2, 4]));
});

test("a job of a transaction that rolls back never runs", async () => {
  let ran = false;
  const runner = await startRunner(async () => {
    ran = true;
  });
  const failing = database.transaction(async (tx) => {
    await runner.enqueue(tx, { kind: "count", key: "1", payload: {}, lane: "a" });
    throw new Error("rolled back");
  });
  await expect(failing).rejects.toThrow();
  await sleep(300);
  expect(ran).toBe(false);
});

test("a waiting job is replaced by a newer one of its key, and one key never runs twice at once", async () => {
  const began: number[] = [];
  let running = 0;
  let together = 0;
  const gate = Promise.withResolvers<void>();
  const runner = await startRunner(async ({ payload }) => {
    began.push(payload.n);
    together = Math.max(together, ++running);
    await gate.promise;
    running -= 1;
  });
  await enqueue(runner, "1", { n: 1 });
  await eventually(() => expect(began).toEqual([1]));
  await enqueue(runner, "1", { n: 2 });
  await enqueue(runner, "1", { n: 3 });
  await sleep(300);
  gate.resolve();
  await eventually(() => expect(began).toEqual([1, 3]));
  expect(together).toBe(1);
});

test("two workers never run one job at once", async () => {
  const runs = new Map<number, number>();
  const other = await openDatabase({ url, applicationName: "jobs 2", migrations });
  const run: JobKind<Payload>["run"] = async ({ payload }) => {
    runs.set(payload.n, (runs.get(payload.n) ?? 0) + 1);
    await sleep(Math.random() * 20);
  };
  const first = await startRunner(run, { concurrency: 8 });
  await startRunner(run, { concurrency: 8, database: other });
  await Promise.all(Array.from({ length: 100 }, (_, n) => enqueue(first, `${n}`, { n, lane: `${n % 7}` })));
  await eventually(async () => expect(await countJobs()).toBe(0));
  expect([...runs.values()]).toEqual(Array(100).fill(1));
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await other[Symbol.asyncDispose]();
});

test("lanes take turns: one with many jobs doesn't starve another", async () => {
  const order: string[] = [];
  const runner = createJobRunner({ database, log });
  runners.push(runner);
  for (let n = 0; n < 10; n += 1) await enqueue(runner, `busy${n}`, { lane: "busy" });
  await enqueue(runner, "quiet", { lane: "quiet" });
  const turns = { maxPerLane: 2, served: [] };
  for (let n = 0; n < 4; n += 1) order.push((await claimJob(database.db, "count", 60_000, turns))?.key ?? "none");
  expect(order).toEqual(["busy0", "quiet", "busy1", "none"]);
});

test("lanes take turns where jobs run one at a time, too", async () => {
  const order: number[] = [];
  const run = async ({ payload }: Job<Payload>) => {
    order.push(payload.n);
    await sleep(20);
  };
  const runner = await startRunner(run, { concurrency: 1 });
  await database.transaction(async (tx) => {
    for (const [n, lane] of ["busy", "busy", "busy", "quiet"].entries()) {
      await runner.enqueue(tx, { kind: "count", key: `${n}`, payload: { n }, lane });
    }
  });
  await eventually(() => expect(order).toHaveLength(4));
  expect(order).toEqual([0, 3, 1, 2]);
});

test("a long job keeps its lease; one whose worker died is taken up again", async () => {
  const attempts: number[] = [];
  const runner = await startRunner(async ({ attempt }) => {
    attempts.push(attempt);
    await sleep(1_500);
  });
  await enqueue(runner, "long");
  await sleep(1_000);
  // What a worker that was killed leaves behind.
  await database.sql`insert into jobs (id, kind, key, lane, payload, lease, lease_end, attempt)
    values ('dead', 'count', 'dead', 'b', '{}', 'its lease', now() + interval '200 ms', 1)`;
  await eventually(async () => expect(await countJobs()).toBe(0));
  expect(attempts).toEqual([1, 2]);
});

test("alone on its database, a runner takes up what a crash left at once", async () => {
  await database.sql`insert into jobs (id, kind, key, lane, payload, lease, lease_end, attempt)
    values ('dead', 'count', 'dead', 'b', '{}', 'its lease', now() + interval '1 hour', 1)`;
  const attempts: number[] = [];
  await startRunner(async ({ attempt }) => void attempts.push(attempt), { exclusive: true });
  await eventually(() => expect(attempts).toEqual([2]));
});

test("complete writes the effect and removes the job together, or neither where the lease was lost", async () => {
  await database.sql`create table effects (n integer)`;
  const outcomes: string[] = [];
  const runner = await startRunner(async ({ payload, complete }) => {
    if (payload.n === 2) await database.sql`update jobs set lease = 'stolen'`;
    await complete(async (tx) => {
      await database.sqlOf(tx)`insert into effects values (${payload.n})`;
    }).then(
      () => outcomes.push("done"),
      (error) => {
        outcomes.push(error.name);
        throw error;
      },
    );
  });
  await enqueue(runner, "1", { n: 1 });
  await eventually(() => expect(outcomes).toEqual(["done"]));
  await enqueue(runner, "2", { n: 2 });
  await eventually(() => expect(outcomes).toEqual(["done", "LeaseLostError"]));
  expect((await database.sql`select n from effects`).map(({ n }) => n)).toEqual([1]);
});

test("a cancelled job ends: a waiting one never runs, a running one is aborted", async () => {
  const aborted: unknown[] = [];
  const runner = await startRunner(
    ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(aborted.push(signal.reason)))),
    { concurrency: 1 },
  );
  await enqueue(runner, "1");
  await enqueue(runner, "2");
  await sleep(200);
  await database.transaction(async (tx) => {
    await runner.cancel(tx, "count", "2");
    await runner.cancel(tx, "count", "1");
  });
  await eventually(() => expect(aborted).toHaveLength(1));
  await sleep(200);
  expect([aborted.length, await countJobs()]).toEqual([1, 0]);
});

test("a lost lease aborts the run", async () => {
  const reasons: string[] = [];
  const runner = await startRunner(
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason.name);
          reject(signal.reason);
        }),
      ),
  );
  await enqueue(runner, "1");
  await sleep(200);
  await database.sql`update jobs set lease = 'stolen', lease_end = now() + interval '1 hour'`;
  await eventually(() => expect(reasons).toEqual(["LeaseLostError"]));
});

test("a failing job is tried again until it is given up, in one transaction", async () => {
  const attempts: number[] = [];
  const dead: string[] = [];
  const run = async ({ attempt }: Job<Payload>) => {
    attempts.push(attempt);
    throw new Error("no good");
  };
  const runner = await startRunner(run, {
    maxAttempts: 2,
    onDead: async ({ n }, error) => void dead.push(`${n} ${error.message}`),
  });
  await enqueue(runner, "1", { n: 4 });
  await eventually(() => expect(dead).toEqual(["4 no good"]));
  expect([attempts, await countJobs()]).toEqual([[1, 2], 0]);
});

test("a backend that is away costs no try", async () => {
  const attempts: number[] = [];
  const run = async ({ attempt }: Job<Payload>) => {
    attempts.push(attempt);
    if (attempts.length < 3) throw new ConnectError("away", Code.Unavailable);
  };
  const runner = await startRunner(run, { maxAttempts: 1 });
  await enqueue(runner, "1");
  await eventually(() => expect(attempts).toEqual([1, 1, 1]));
});

test("stopping gives a running job back untried", async () => {
  const runner = await startRunner(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  await enqueue(runner, "1");
  await sleep(200);
  await runner.stop();
  const [job] = await database.sql`select attempt, lease from jobs`;
  expect(job).toMatchObject({ attempt: 0, lease: null });
});
