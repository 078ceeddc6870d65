import type { Database, Transaction } from "@lyceum/database";
import { isUniqueViolation } from "@lyceum/database";
import type { Logger } from "pino";
import type { Job, JobKind, JobQueue } from "../define-service.ts";
import { isMissingBackend } from "../interceptors/map-errors.ts";
import { workDuration } from "../telemetry/meters.ts";
import { startSpan } from "../telemetry/spans.ts";
import { currentTraceparent, withTrace } from "../trace.ts";
import {
  type ClaimedJob,
  claimJob,
  deleteJobs,
  endLeases,
  putJob,
  releaseJob,
  removeJob,
  renewLeases,
} from "./store.ts";

/** Runs the jobs of one service in this process. */
export type JobRunner = JobQueue & {
  /** Begins to run jobs of these kinds. */
  // biome-ignore lint/suspicious/noExplicitAny: jobs with different payloads share one list
  start(kinds: readonly JobKind<any>[]): Promise<void>;
  /** Aborts what runs, gives it back untried and waits for it. */
  stop(): Promise<void>;
};

/** How a runner behaves. */
export type JobOptions = {
  readonly database: Database;
  readonly log: Logger;
  /** True if no other process can be running these jobs: what a crash left is taken up at once. */
  readonly exclusive?: boolean;
  /** How long a lease holds without renewal; 30 s by default. */
  readonly leaseMs?: number;
  /** How often jobs of other processes are looked for; 2 s by default. */
  readonly pollMs?: number;
};

type Running = { readonly job: ClaimedJob; readonly end: AbortController; readonly done: Promise<void> };

/** How many lanes' turns are remembered; beyond, the longest ago count as never served. */
const rememberedLanes = 256;

class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

export function createJobRunner({ database, log, exclusive, leaseMs = 30_000, pollMs = 2_000 }: JobOptions): JobRunner {
  // biome-ignore lint/suspicious/noExplicitAny: jobs with different payloads share one list
  const kinds = new Map<string, JobKind<any>>();
  const running = new Map<string, Running>();
  const filling = new Map<string, Promise<void>>();
  const again = new Set<string>();
  /** Lanes by kind, the latest served last. */
  const served = new Map<string, string[]>();
  const stopping = new AbortController();
  const timers: NodeJS.Timeout[] = [];

  const wake = (kind: string) => {
    if (!kinds.has(kind) || stopping.signal.aborted) return;
    if (filling.has(kind)) return void again.add(kind);
    const filled = fill(kind)
      .catch((error) => log.warn({ err: error, kind }, "Jobs cannot be claimed now."))
      .finally(() => {
        filling.delete(kind);
        if (again.delete(kind)) wake(kind);
      });
    filling.set(kind, filled);
  };
  const fill = async (kind: string) => {
    const { concurrency } = kinds.get(kind) as JobKind<unknown>;
    while (!stopping.signal.aborted && countRunning(kind) < concurrency) {
      const turns = served.get(kind) ?? [];
      const job = await claimJob(database.db, kind, leaseMs, {
        maxPerLane: Math.max(1, concurrency - 1),
        served: turns,
      });
      if (!job) return;
      served.set(kind, [...turns.filter((lane) => lane !== job.lane), job.lane].slice(-rememberedLanes));
      begin(job);
    }
  };
  const countRunning = (kind: string) => [...running.values()].filter(({ job }) => job.kind === kind).length;
  const begin = (job: ClaimedJob) => {
    const end = new AbortController();
    const done = runJob(job, end).finally(() => {
      running.delete(job.lease);
      wake(job.kind);
    });
    running.set(job.lease, { job, end, done });
    if (stopping.signal.aborted) end.abort(stopping.signal.reason);
  };
  const runJob = async (job: ClaimedJob, end: AbortController) => {
    const kind = kinds.get(job.kind) as JobKind<unknown>;
    const start = performance.now();
    const traceparent = job.traceparent ?? undefined;
    const span = startSpan(`job ${job.kind}`, {
      kind: "consumer",
      parent: traceparent,
      attributes: { "lyceum.job.kind": job.kind, "lyceum.job.attempt": job.attempt },
    });
    const outcome = await withTrace(span.trace, () => tryJob(kind, job, traceparent, end.signal)).catch(
      (error) => `failed: ${error}`,
    );
    const durationMs = Math.round(performance.now() - start);
    span.set({ "lyceum.job.outcome": outcome.split(":", 1)[0] as string });
    span.end(outcome === "dead" || outcome === "retries" ? new Error(outcome) : undefined);
    workDuration.record(durationMs, {
      "lyceum.work": `job ${job.kind}`,
      "lyceum.outcome": outcome.split(":", 1)[0] as string,
    });
    log.info({
      job: job.kind,
      key: job.key,
      attempt: job.attempt,
      outcome,
      durationMs,
      traceId: traceparent?.slice(3, 35),
    });
  };
  const tryJob = async (
    kind: JobKind<unknown>,
    job: ClaimedJob,
    traceparent: string | undefined,
    signal: AbortSignal,
  ) => {
    let completed = false;
    const complete = async (effect: (tx: Transaction) => Promise<void>) => {
      await database.transaction(async (tx) => {
        if (!(await removeJob(tx, job))) throw new LeaseLostError("Another worker has this job, or it was cancelled.");
        await effect(tx);
      });
      completed = true;
    };
    try {
      // A job that ended its process each time must not do so for ever.
      if (job.attempt > kind.maxAttempts) throw new Error("The process ended at every try.");
      const { id, payload, attempt } = job;
      await kind.run({ id, payload, attempt, signal, traceparent, complete } satisfies Job<unknown>);
      if (!completed) await complete(async () => {});
      return "done";
    } catch (error) {
      if (completed || error instanceof LeaseLostError) return completed ? "done" : "lost";
      return await giveBack(kind, job, error instanceof Error ? error : new Error(String(error)), signal);
    }
  };
  const giveBack = async (kind: JobKind<unknown>, job: ClaimedJob, error: Error, signal: AbortSignal) => {
    if (signal.aborted && !stopping.signal.aborted) return "lost";
    // Neither the end of the process nor a backend that is away is the job's fault.
    const untried = stopping.signal.aborted || isMissingBackend(error);
    if (!untried) log.warn({ err: error, job: job.kind, key: job.key, attempt: job.attempt }, "A job failed.");
    if (!untried && job.attempt >= kind.maxAttempts) {
      await database.transaction(async (tx) => {
        if (await removeJob(tx, job)) await kind.onDead?.(job.payload, error, tx);
      });
      return "dead";
    }
    const delayMs = stopping.signal.aborted ? 0 : backoffMs(job.attempt, untried ? 5_000 : 60_000);
    const release = () => releaseJob(database.db, job, job.attempt - (untried ? 1 : 0), delayMs);
    // A newer job with this key may have come between the two statements.
    await release().catch((reason) => (isUniqueViolation(reason) ? release() : Promise.reject(reason)));
    if (!stopping.signal.aborted) setTimeout(() => wake(job.kind), delayMs + 10).unref();
    return untried ? "waits" : "retries";
  };
  const renew = async () => {
    if (running.size === 0) return;
    const asked = [...running.keys()];
    const holding = await renewLeases(database.db, asked, leaseMs).catch(() => undefined);
    for (const lease of asked) {
      const lost = holding && !holding.has(lease);
      if (lost) running.get(lease)?.end.abort(new LeaseLostError("The lease of this job was lost."));
    }
  };

  return {
    async enqueue(tx, { kind, key, payload, lane, delayMs = 0 }) {
      await putJob(tx, { kind, key, lane, payload, delayMs, traceparent: currentTraceparent() });
      database.afterCommit(tx, () => wake(kind));
    },
    async cancel(tx, kind, key) {
      await deleteJobs(tx, kind, key);
      database.afterCommit(tx, () => {
        for (const { job, end } of running.values()) {
          if (job.kind === kind && job.key === key) end.abort(new LeaseLostError("This job was cancelled."));
        }
      });
    },
    async start(list) {
      for (const kind of list) kinds.set(kind.kind, kind);
      if (kinds.size === 0) return;
      if (exclusive) await endLeases(database.db);
      timers.push(
        setInterval(renew, leaseMs / 3),
        setInterval(() => [...kinds.keys()].forEach(wake), pollMs),
      );
      [...kinds.keys()].forEach(wake);
    },
    async stop() {
      stopping.abort(new Error("The process stops."));
      timers.forEach(clearInterval);
      await Promise.all(filling.values());
      for (const { end } of running.values()) end.abort(stopping.signal.reason);
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

function backoffMs(attempt: number, maxMs: number): number {
  return Math.min(maxMs, 1_000 * 2 ** (attempt - 1));
}
