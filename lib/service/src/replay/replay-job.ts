import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Transaction } from "@lyceum/database";
import { type EventStore, LostLogError, listParked, openEventLog, readPartitionLag } from "@lyceum/events";
import type { Logger } from "pino";
import type {
  Host,
  Job,
  JobKind,
  OpenService,
  ReadModel,
  ReadModelWork,
  ServiceDefinition,
} from "../define-service.ts";
import type { Engines } from "../engines.ts";
import { createJobRunner } from "../jobs/job-queue.ts";
import {
  closeGeneration,
  dropGeneration,
  holdGroup,
  makeGeneration,
  type Position,
  putInPlace,
  readReached,
  schemaOf,
} from "./generation.ts";
import { dropKind, endReplay, noteProgress, putDropJob, type ReplayPayload, replayKind } from "./store.ts";

const lookEveryMs = 500;
/** How long the serving group may be kept waiting; its members' statements and leases outlast it. */
const holdMs = 8_000;

/** Why a generation cannot serve; the one that serves stays. */
class ReplayFailedError extends Error {
  override readonly name = "ReplayFailedError";
}

/** The generation fell behind again while the serving group was held. */
class NotYetError extends Error {
  override readonly name = "NotYetError";
}

/** What a replay works with. */
export type ReplayContext = {
  readonly definition: ServiceDefinition;
  readonly service: OpenService;
  readonly host: Host;
  readonly engines: Engines;
  readonly log: Logger;
};

/**
 * The job that builds a service's read model anew: its projections, on empty tables, cursors, inbox, outbox and jobs of their own,
 * from the log's beginning. Begun again after a crash, it goes on where it was. Beside it the job that takes away what one leaves.
 * Nothing for a service without a read model.
 */
export function createReplayJobs(ctx: ReplayContext): JobKind<ReplayPayload>[] {
  const { readModel } = ctx.definition;
  const { readModelOn } = ctx.service;
  if (!readModel || !readModelOn) return [];
  return [
    {
      kind: replayKind,
      concurrency: 1,
      maxAttempts: 5,
      run: (job) => replay(ctx, readModel, readModelOn, job),
      onDead: ({ generation }, error, tx) => giveUp(ctx, generation, error, tx),
    },
    {
      kind: dropKind,
      concurrency: 1,
      maxAttempts: 5,
      run: ({ payload: { generation, isClosed }, complete }) =>
        complete((tx) => (isClosed ? dropGeneration(tx, generation) : close(ctx, generation, tx))),
    },
  ];
}

async function replay(
  ctx: ReplayContext,
  readModel: ReadModel,
  readModelOn: (host: Host) => ReadModelWork,
  job: Job<ReplayPayload>,
): Promise<void> {
  const { database } = ctx.host;
  const { generation } = job.payload;
  await makeGeneration(database, generation, readModel);
  ctx.log.info({ generation }, "The read model is built anew.");
  for (;;) {
    try {
      await using building = await openGeneration(ctx, readModelOn, generation);
      await waitUntilBuilt(ctx, building, job);
      await job.complete((tx) => switchTo(ctx, readModel, building, generation, tx));
      ctx.log.info({ generation }, "The new read model serves.");
      return;
    } catch (error) {
      if (error instanceof NotYetError) continue;
      if (!(error instanceof ReplayFailedError || error instanceof LostLogError)) throw error;
      ctx.log.warn({ err: error, generation }, "The new read model cannot serve.");
      await job.complete((tx) => giveUp(ctx, generation, error, tx));
      return;
    }
  }
}

async function giveUp(ctx: ReplayContext, generation: number, { message }: Error, tx: Transaction): Promise<void> {
  await endReplay(tx, generation, "FAILED", message);
  await close(ctx, generation, tx);
}

async function close({ host: { database } }: ReplayContext, generation: number, tx: Transaction): Promise<void> {
  await closeGeneration(tx, database, generation);
  await putDropJob(tx, { generation, isClosed: true });
}

/** A generation with its projections and jobs at work; disposing ends those. */
type Generation = AsyncDisposable & {
  readonly database: Database;
  readonly store: EventStore;
  readonly work: ReadModelWork;
};

async function openGeneration(
  { definition, host, engines, log }: ReplayContext,
  readModelOn: (host: Host) => ReadModelWork,
  generation: number,
): Promise<Generation> {
  await using opening = new AsyncDisposableStack();
  const { name, publishes } = definition;
  const database = opening.use(await engines.openDatabaseOf(definition, schemaOf(generation)));
  const store = muted(await engines.openEvents());
  const events = opening.use(await openEventLog({ service: name, database, store, publishes, log }));
  const jobs = createJobRunner({ database, log, exclusive: true });
  const work = readModelOn({ ...host, database, events, jobs });
  opening.defer(() => jobs.stop());
  await jobs.start(work.jobs ?? []);
  const projections = work.handlers.filter(({ kind }) => kind === "projection");
  await events.consume(`${name}.${schemaOf(generation)}`, projections);
  const open = opening.move();
  let closed: Promise<void> | undefined;
  return {
    database,
    store,
    work,
    [Symbol.asyncDispose]() {
      closed ??= open.disposeAsync();
      return closed;
    },
  };
}

/** The log to be read: what a generation publishes has been published before. */
function muted(store: EventStore): EventStore {
  return { ...store, publish: async () => {}, signal: async () => {} };
}

async function waitUntilBuilt(
  { host, definition }: ReplayContext,
  building: Generation,
  { payload: { generation }, signal }: Job<ReplayPayload>,
): Promise<void> {
  for (; ; await sleep(lookEveryMs, undefined, { signal })) {
    signal.throwIfAborted();
    const progress = await readProgress(building);
    await noteProgress(host.database.db, generation, progress);
    const waits = await checkParked(host.database, definition.name, building.database);
    const serving = await host.database.sql<Position[]>`
      select topic, partition, next_offset::float8 as next from event_cursors where consumer_group = ${definition.name}`;
    const isBehind = compare(await readPositions(building.database), serving) === "behind";
    if (!isBehind && progress.jobs === 0 && !waits) return;
  }
}

async function readProgress({
  database,
  store,
  work,
}: Generation): Promise<{ passed: number; total: number; jobs: number }> {
  const lags = await readPartitionLag(database, store.readEnds);
  const [waiting] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from jobs where kind in ${database.sql(["", ...kindsOf(work)])}`;
  const sum = (field: "next" | "end") => lags.reduce((total, lag) => total + lag[field], 0);
  return { passed: sum("next"), total: sum("end"), jobs: waiting?.count ?? 0 };
}

/** What else its projections enqueue has been done, and goes with the generation. */
function kindsOf({ jobs = [] }: ReadModelWork): string[] {
  return jobs.map(({ kind }) => kind);
}

/** True while events are tried again that the serving group has handled. Throws once one of those is given up. */
async function checkParked(serving: Database, group: string, building: Database): Promise<boolean> {
  const parked = await listParked(building);
  if (parked.length === 0) return false;
  const ids = parked.map(({ id }) => id);
  const known = await serving.sql<{ id: string }[]>`
    select event_id as id from parked_events where consumer_group = ${group} and event_id in ${serving.sql(ids)}`;
  const news = parked.filter(({ id }) => !known.some((one) => one.id === id));
  const [dead] = news.filter((event) => event.dead);
  if (!dead) return news.length > 0;
  throw new ReplayFailedError(
    `${news.length} events that were handled before cannot be now; the first is ${dead.type} ${dead.id}: ${dead.cause}`,
  );
}

async function readPositions({ sql }: Database): Promise<Position[]> {
  return sql<Position[]>`select topic, partition, next_offset::float8 as next from event_cursors`;
}

/** Where a generation is, seen from the serving group. Topics that only the latter reads do not count. */
function compare(building: readonly Position[], serving: readonly Position[]): "behind" | "there" | "ahead" {
  const topics = new Set(building.map(({ topic }) => topic));
  const placeOf = ({ topic, partition }: Position) => `${topic} ${partition}`;
  const reached = new Map(building.map((position) => [placeOf(position), position.next]));
  const steps = serving.flatMap((position) =>
    topics.has(position.topic) ? [(reached.get(placeOf(position)) ?? 0) - position.next] : [],
  );
  if (steps.some((step) => step < 0)) return "behind";
  return steps.some((step) => step > 0) ? "ahead" : "there";
}

/** Holds the serving group where it is, lets the generation come up to it, and puts it in its place. */
async function switchTo(
  { definition: { name }, host: { database } }: ReplayContext,
  readModel: ReadModel,
  building: Generation,
  generation: number,
  tx: Transaction,
): Promise<void> {
  const held = await holdGroup(database.sqlOf(tx), name);
  const deadline = performance.now() + holdMs;
  while (compare(await readPositions(building.database), held) === "behind") {
    if (performance.now() > deadline) throw new NotYetError("The generation did not catch up in time.");
    await sleep(50);
  }
  await building[Symbol.asyncDispose]();
  const reached = await readReached(database.sqlOf(tx), generation);
  await endReplay(tx, generation, "SERVING");
  const jobKinds = kindsOf(building.work);
  const isAhead = compare(reached, held) === "ahead";
  await putInPlace(tx, database, generation, { group: name, readModel, jobKinds, isAhead });
  await putDropJob(tx, { generation, isClosed: true });
}
