import { type Citation, FinishReason, type Lyceum, problemOf, type Rating } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";
import {
  beginAnswer,
  catchUp,
  endAnswer,
  type GrowingAnswer,
  growAnswer,
  isGrowing,
  stopAnswer,
  toGrowingAnswer,
} from "./growing-answer.ts";

/** The questions of one conversation, the earliest first. */
export type Thread = {
  readonly answers: readonly GrowingAnswer[];
  readonly isLoading: boolean;
  /** Why it could not be fetched. */
  readonly error?: unknown;
};

/** The conversations this tab has opened or begun; their answers go on while one looks elsewhere. */
export type Conversations = {
  /** By the conversation's id; one that has none yet by `unnamed`. */
  readonly threads: Store<ReadonlyMap<string, Thread>>;
  /** Fetches a conversation unless it is known, and goes on with what is being answered in it. */
  open(conversationId: string): void;
  /** Asks in a conversation, or begins one; resolves to its id as soon as that is known, or to undefined if it fails before. */
  ask(threadId: string, question: string, fileIds: readonly string[]): Promise<string | undefined>;
  /** Stops the answer under way, at the server too, and keeps what it said. */
  stop(threadId: string): void;
  /** Rejects if it could not be noted. */
  rate(answerId: string, rating: Rating, comment: string): Promise<void>;
  findCitation(answerId: string, number: number): Citation | undefined;
  /** Lets go of a conversation that was deleted. */
  forget(conversationId: string): void;
  clear(): void;
};

/** The conversation that the next question begins. */
export const unnamed = "";

/** How often a broken stream is taken up again before the answer counts as failed. */
const maxResumes = 5;

export function createConversations(lyceum: Lyceum): Conversations {
  const threads = createStore<ReadonlyMap<string, Thread>>(new Map());
  const running = new Map<string, AbortController>();
  let made = 0;

  const changeThread = (threadId: string, to: (thread: Thread) => Thread) =>
    threads.set((now) => new Map(now).set(threadId, to(now.get(threadId) ?? { answers: [], isLoading: false })));
  /** An answer is found by its key, wherever it is by now: a conversation gets its name while it is answered. */
  const change = (key: string, to: (answer: GrowingAnswer) => GrowingAnswer) =>
    threads.set((now) => {
      const found = [...now].find(([, { answers }]) => answers.some((answer) => answer.key === key));
      if (!found) return now;
      const [threadId, thread] = found;
      const answers = thread.answers.map((answer) => (answer.key === key ? to(answer) : answer));
      return new Map(now).set(threadId, { ...thread, answers });
    });
  const find = (key: string) =>
    [...threads.get().values()].flatMap(({ answers }) => answers).find((answer) => answer.key === key);

  async function open(conversationId: string): Promise<void> {
    const known = threads.get().get(conversationId);
    if (known && !known.error) return;
    changeThread(conversationId, () => ({ answers: [], isLoading: true }));
    try {
      const { answers } = await lyceum.rag.getConversation({ conversationId });
      changeThread(conversationId, () => ({ answers: answers.map(toGrowingAnswer), isLoading: false }));
      for (const { id, finishReason } of answers) if (finishReason === FinishReason.UNSPECIFIED) run(id, follow);
    } catch (error) {
      changeThread(conversationId, (thread) => ({ ...thread, isLoading: false, error }));
    }
  }

  /** Runs what makes an answer grow until it ends or is stopped. */
  function run(key: string, grow: (key: string, signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    running.set(key, controller);
    grow(key, controller.signal)
      .then(
        () => change(key, (answer) => endAnswer(answer)),
        (error) => change(key, (answer) => (controller.signal.aborted ? stopAnswer(answer) : endAnswer(answer, error))),
      )
      .finally(() => running.delete(key));
  }

  /** Takes up an answer that goes on at the server, from its beginning but without showing it anew. */
  async function follow(key: string, signal: AbortSignal): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const shown = find(key);
      if (!shown || !isGrowing(shown)) return;
      try {
        let resumed = beginAnswer(key, shown.question, shown.fileIds);
        for await (const { event } of lyceum.rag.resumeAnswer({ answerId: shown.answerId }, { signal })) {
          resumed = growAnswer(resumed, event);
          change(key, (answer) => catchUp(answer, resumed));
        }
        if (!isGrowing(resumed)) return;
      } catch (error) {
        if (signal.aborted || problemOf(error).code !== "unavailable" || tries >= maxResumes) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
    }
  }

  async function ask(
    key: string,
    request: { question: string; conversationId: string; fileIds: string[] },
    onNamed: (conversationId: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const { event } of lyceum.rag.ask(request, { signal })) {
        if (event.case === "retrieved" || event.case === "done") onNamed(event.value.conversationId);
        change(key, (answer) => growAnswer(answer, event));
        const answer = find(key);
        // It was stopped before it had a name to be stopped by.
        if (event.case === "retrieved" && answer?.state === "stopped") stopAtServer(answer.answerId);
      }
    } catch (error) {
      const isKnown = find(key)?.answerId !== "";
      if (signal.aborted || !isKnown || problemOf(error).code !== "unavailable") throw error;
      await follow(key, signal);
    }
  }

  function stopAtServer(answerId: string): void {
    lyceum.rag.stopAnswer({ answerId }).catch(() => {});
  }

  function stop(threadId: string): void {
    const growing = threads.get().get(threadId)?.answers.filter(isGrowing) ?? [];
    for (const { key, answerId } of growing) {
      change(key, stopAnswer);
      if (answerId === "") continue;
      stopAtServer(answerId);
      running.get(key)?.abort();
    }
  }

  function name(conversationId: string, key: string): void {
    const thread = threads.get().get(unnamed);
    if (conversationId === "" || !thread?.answers.some((answer) => answer.key === key)) return;
    threads.set((now) => {
      const named = new Map(now).set(conversationId, thread);
      named.delete(unnamed);
      return named;
    });
  }

  return {
    threads,
    open: (conversationId) => void open(conversationId),
    ask(threadId, question, fileIds) {
      stop(threadId);
      const key = `question-${made++}`;
      changeThread(threadId, ({ answers }) => ({
        answers: [...answers, beginAnswer(key, question, fileIds)],
        isLoading: false,
      }));
      return new Promise((resolve) => {
        const onNamed = (conversationId: string) => {
          name(conversationId, key);
          resolve(conversationId);
        };
        const request = { question, conversationId: threadId, fileIds: [...fileIds] };
        run(key, (_, signal) => ask(key, request, onNamed, signal).finally(() => resolve(undefined)));
      });
    },
    stop,
    async rate(answerId, rating, comment) {
      await lyceum.rag.rateAnswer({ answerId, rating, comment });
      threads.set((now) => {
        const rated = ({ answers, ...thread }: Thread) => ({
          ...thread,
          answers: answers.map((answer) => (answer.answerId === answerId ? { ...answer, rating } : answer)),
        });
        return new Map([...now].map(([threadId, thread]) => [threadId, rated(thread)]));
      });
    },
    findCitation: (answerId, number) =>
      [...threads.get().values()]
        .flatMap(({ answers }) => answers)
        .find((answer) => answer.answerId === answerId)
        ?.citations.find((citation) => citation.number === number),
    forget(conversationId) {
      stop(conversationId);
      threads.set((now) => {
        const rest = new Map(now);
        rest.delete(conversationId);
        return rest;
      });
    },
    clear() {
      for (const controller of running.values()) controller.abort();
      running.clear();
      threads.set(() => new Map());
    },
  };
}
