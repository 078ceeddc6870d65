import type { Database, Db, Transaction } from "@lyceum/database";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { deleteJobs, putJob } from "../jobs/store.ts";
import { type ReplayState, replays } from "./schema.ts";

/** The kind of the job that builds a generation, in every service that has a read model. */
export const replayKind = "replay";

/** The kind of the job that takes away what a generation has left. */
export const dropKind = "drop generation";
/** By then a process that still builds one which was stopped has been told so. */
const closeAfterMs = 60_000;
/** By then no process holds a connection on which it built one: it would have to have stood still all day. */
const dropAfterMs = 24 * 60 * 60_000;

/** How far a generation is. */
export type Replay = typeof replays.$inferSelect;

/** The payload of both jobs. */
export type ReplayPayload = {
  readonly generation: number;
  /** Of what is to be taken away, only what fences it is left. */
  readonly isClosed?: true;
};

const unfinished: ReplayState[] = ["WAITING", "BUILDING"];

/** Has a service build its read model anew, as soon as a process of it takes the job; answers what is already under way. */
export async function requestReplay({ transaction }: Database): Promise<Replay> {
  return transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('lyceum.replay', 0))`);
    const [running] = await tx.select().from(replays).where(inArray(replays.state, unfinished));
    if (running) return running;
    const [made] = await tx.insert(replays).values({}).returning();
    const { generation } = made as Replay;
    const payload: ReplayPayload = { generation };
    await putJob(tx, { kind: replayKind, key: replayKind, lane: "", payload, delayMs: 0, traceparent: undefined });
    return made as Replay;
  });
}

/** The last time the read model was built anew, or is. */
export async function findLastReplay(db: Db): Promise<Replay | undefined> {
  const [last] = await db.select().from(replays).orderBy(desc(replays.generation)).limit(1);
  return last;
}

export async function findReplay(db: Db, generation: number): Promise<Replay | undefined> {
  const [found] = await db.select().from(replays).where(eq(replays.generation, generation));
  return found;
}

export async function noteProgress(
  db: Db,
  generation: number,
  progress: Pick<Replay, "passed" | "total" | "jobs">,
): Promise<void> {
  await db
    .update(replays)
    .set({ ...progress, state: "BUILDING" })
    .where(and(eq(replays.generation, generation), inArray(replays.state, unfinished)));
}

/** Notes how a generation ended. */
export async function endReplay(
  tx: Transaction,
  generation: number,
  state: "SERVING" | "FAILED" | "STOPPED",
  error?: string,
): Promise<void> {
  await tx
    .update(replays)
    .set({ state, error: error ?? null, endTime: sql`now()`, ...(state === "SERVING" && { jobs: 0 }) })
    .where(eq(replays.generation, generation));
}

/** Has what a generation leaves taken away: once it is closed, when nobody can be working on it any more. */
export async function putDropJob(tx: Transaction, { generation, isClosed }: ReplayPayload): Promise<void> {
  const payload: ReplayPayload = { generation, ...(isClosed && { isClosed }) };
  const delayMs = isClosed ? dropAfterMs : closeAfterMs;
  await putJob(tx, { kind: dropKind, key: `${generation}`, lane: "", payload, delayMs, traceparent: undefined });
}

/**
 * Gives up what is under way; answers it as it was, if there is any. Its tables stay for a while, so that a process at work on
 * them ends in peace.
 */
export async function stopReplay({ transaction }: Database): Promise<Replay | undefined> {
  return transaction(async (tx) => {
    const [running] = await tx.select().from(replays).where(inArray(replays.state, unfinished)).for("update");
    if (!running) return undefined;
    await deleteJobs(tx, replayKind, replayKind);
    const { generation } = running;
    await endReplay(tx, generation, "STOPPED");
    await putDropJob(tx, { generation });
    return running;
  });
}
