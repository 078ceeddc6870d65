import type { Database, Db, Transaction } from "@lyceum/database";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { deleteJobs, putJob } from "../jobs/store.ts";
import { dropGeneration } from "./generation.ts";
import { type ReplayState, replays } from "./schema.ts";

/** The kind of the job that builds a generation, in every service that has a read model. */
export const replayKind = "replay";

/** The kind of the job that takes away what a stopped generation has left. */
export const dropKind = "drop generation";
/** By then no process works on it any more: one that does is told within 10 s that its job was cancelled. */
const dropAfterMs = 60_000;

/** How far a generation is. */
export type Replay = typeof replays.$inferSelect;

/** The job's payload. */
export type ReplayPayload = { readonly generation: number };

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

/** Notes how a generation ended; one that has failed goes, and nobody may be working on it. */
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
  if (state === "FAILED") await dropGeneration(tx, generation);
}

/**
 * Gives up what is under way; answers it as it was, if there is any. Its tables stay for a while: a process that still works on
 * them would otherwise find those that serve under the same names, and swallow their facts and jobs.
 */
export async function stopReplay({ transaction }: Database): Promise<Replay | undefined> {
  return transaction(async (tx) => {
    const [running] = await tx.select().from(replays).where(inArray(replays.state, unfinished)).for("update");
    if (!running) return undefined;
    await deleteJobs(tx, replayKind, replayKind);
    const { generation } = running;
    await endReplay(tx, generation, "STOPPED");
    const payload: ReplayPayload = { generation };
    const delayMs = dropAfterMs;
    await putJob(tx, { kind: dropKind, key: `${generation}`, lane: "", payload, delayMs, traceparent: undefined });
    return running;
  });
}
