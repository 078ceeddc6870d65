import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { within } from "@lyceum/service";
import { findAnswer, listAbandoned, releaseAnswer, renewLeases } from "./answer-store.ts";
import { answerTopic, endAnswer } from "./answer-writer.ts";
import type { Context } from "./context.ts";
import { answerMoved, answerNotBegun, restarting, tooManyAnswers } from "./errors.ts";
import type { Piece } from "./messages.ts";
import { readStored } from "./read-answers.ts";
import type { Reader } from "./reader.ts";
import { type AnswerRequest, type Run, runAnswer, Stopped } from "./run-answer.ts";

/** An answer that can be read while it grows. */
export type RunningAnswer = {
  readonly answerId: string;
  /**
   * Its pieces, from the first to `done`. Throws what broke it off, or the signal's reason; the answer goes on without its
   * readers.
   */
  pieces(signal: AbortSignal): AsyncGenerator<Piece>;
};

/** Runs answers apart from the calls that ask for them, each under a lease of this process. */
export interface AnswerRunner extends AsyncDisposable {
  /**
   * Retrieves under the reader's rights and in its time, and begins to answer; the answer then goes on by itself until it ends,
   * is stopped or takes too long. One that is asked for by its id and has ended is read from where it is kept. Throws
   * `unavailable ANSWER_NOT_BEGUN` where it cannot begin within 20 s, as while a database hangs.
   */
  begin(reader: Reader, request: AnswerRequest): Promise<RunningAnswer>;
  /** An answer that is written here. */
  find(answerId: string): RunningAnswer | undefined;
  /** Leaves an answer that is written here as it is, for a job to begin it anew wherever that runs next. */
  letGo(answerId: string): Promise<void>;
  /** Has whoever writes an answer look whether it is to end. */
  callToEnd(answerId: string): Promise<void>;
  /** Resolves when an answer may have grown that is written elsewhere; at the latest after a second. */
  nextGrowth(answerId: string, signal: AbortSignal): Promise<void>;
}

/** What RPCs and jobs work with that have answers run. */
export type AnsweringContext = Context & { readonly answers: AnswerRunner };

const maxRunsOfOne = 16;
/** Shorter than the time that a call has, so that who asked learns why. */
const beginMs = 20_000;
const renewEveryMs = 4_000;
const growthPollMs = 1_000;
/** What a signal says beside that an answer has grown. */
const endCall = Uint8Array.of(1);

/** Opens the runner: it keeps the leases of what is written here and ends what other processes have left. */
export async function openAnswerRunner(ctx: Context): Promise<AnswerRunner> {
  const { database, events, log } = ctx;
  const runs = new Map<string, Run>();
  const countsByUser = new Map<string, number>();
  const waiting = new Map<string, Set<() => void>>();

  const renew = async (renewed: readonly Run[]) => {
    if (renewed.length === 0) return;
    const held = await renewLeases(
      database.db,
      renewed.map(({ lease }) => lease),
    );
    for (const { lease, stop } of renewed) {
      const state = held.get(lease);
      if (!state) stop.abort(answerMoved());
      else if (state.stopping) stop.abort(new Stopped());
    }
  };
  const hear = (answerId: string, bytes: Uint8Array) => {
    for (const wake of waiting.get(answerId) ?? []) wake();
    const run = runs.get(answerId);
    if (run && bytes.length > 0) renew([run]).catch(warn);
  };
  const warn = (error: unknown) => log.warn({ err: error }, "The leases of answers cannot be renewed now.");
  const hearing = await events.onSignal(answerTopic, hear);
  let tending: Promise<void> | undefined;
  const tend = () => {
    tending ??= Promise.all([renew([...runs.values()]), endAbandoned(ctx)])
      .then(() => {}, warn)
      .finally(() => {
        tending = undefined;
      });
  };
  const timer = setInterval(tend, renewEveryMs).unref();
  /** Counts an answer of a person until the returned function is called. */
  const count = (userId: string): (() => void) => {
    const before = countsByUser.get(userId) ?? 0;
    if (before >= maxRunsOfOne) throw tooManyAnswers(maxRunsOfOne);
    countsByUser.set(userId, before + 1);
    return () => {
      const left = (countsByUser.get(userId) ?? 1) - 1;
      if (left > 0) countsByUser.set(userId, left);
      else countsByUser.delete(userId);
    };
  };
  const toRunning = ({ answerId, replay }: Run): RunningAnswer => ({
    answerId,
    pieces: (signal) => replay.read(signal),
  });

  return {
    async begin(reader, request) {
      const { answerId, userId } = request;
      const stored = answerId === undefined ? undefined : await findAnswer(database.db, answerId, userId);
      if (stored?.finishReason) return { answerId: stored.id, pieces: () => readStored(ctx, reader, stored) };
      const uncount = count(userId);
      const begun = runAnswer(ctx, reader, request);
      try {
        const run = await within(beginMs, begun, answerNotBegun);
        runs.set(run.answerId, run);
        run.done.finally(() => {
          if (runs.get(run.answerId) === run) runs.delete(run.answerId);
          uncount();
        });
        return toRunning(run);
      } catch (error) {
        uncount();
        // One that begins after all has nobody who waits for it.
        begun.then(
          ({ stop }) => stop.abort(new Stopped()),
          () => {},
        );
        throw error;
      }
    },
    find(answerId) {
      const run = runs.get(answerId);
      return run && toRunning(run);
    },
    async letGo(answerId) {
      const run = runs.get(answerId);
      if (!run) return;
      await releaseAnswer(database.db, run.lease);
      run.stop.abort(answerMoved());
    },
    callToEnd: (answerId) => events.signal(answerTopic, answerId, endCall),
    async nextGrowth(answerId, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const of = waiting.get(answerId) ?? new Set();
      waiting.set(answerId, of.add(resolve));
      const wake = () => resolve();
      const poll = setTimeout(wake, growthPollMs);
      signal.addEventListener("abort", wake);
      if (!signal.aborted) await promise;
      signal.removeEventListener("abort", wake);
      clearTimeout(poll);
      of.delete(resolve);
      if (of.size === 0) waiting.delete(answerId);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const { stop } of runs.values()) stop.abort(restarting());
      await Promise.all([...runs.values()].map(({ done }) => done));
      await tending;
      await hearing[Symbol.asyncDispose]();
    },
  };
}

/** Ends answers that nobody writes any more, as after a crash. What was said is kept. */
export async function endAbandoned({ database, events }: Pick<Context, "database" | "events">): Promise<void> {
  for (const { id, stopping } of await listAbandoned(database.db)) {
    const reason = stopping ? FinishReason.STOPPED : FinishReason.ERROR;
    await database.transaction((tx) => endAnswer({ events }, tx, id, undefined, reason));
  }
}
