import type { Citation, Lyceum } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";
import { beginAnswer, endAnswer, type GrowingAnswer, growAnswer, stopAnswer } from "./growing-answer.ts";

/** The questions of this tab, the earliest first. */
export type Thread = {
  readonly answers: Store<readonly GrowingAnswer[]>;
  /** Asks, stopping an answer that is still under way. */
  ask(question: string, fileIds: readonly string[]): void;
  /** Stops the answer under way and keeps what it said. */
  stop(): void;
  findCitation(answerId: string, number: number): Citation | undefined;
  clear(): void;
};

export function createThread(lyceum: Lyceum): Thread {
  const answers = createStore<readonly GrowingAnswer[]>([]);
  let running: { key: string; controller: AbortController } | undefined;

  const change = (key: string, to: (answer: GrowingAnswer) => GrowingAnswer) =>
    answers.set((list) => list.map((answer) => (answer.key === key ? to(answer) : answer)));

  function stop(): void {
    if (!running) return;
    change(running.key, stopAnswer);
    running.controller.abort();
    running = undefined;
  }

  async function follow(key: string, question: string, fileIds: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      for await (const piece of lyceum.rag.ask({ question, fileIds: [...fileIds] }, { signal })) {
        change(key, (answer) => growAnswer(answer, piece));
      }
      change(key, (answer) => endAnswer(answer));
    } catch (error) {
      change(key, (answer) => (signal.aborted ? stopAnswer(answer) : endAnswer(answer, error)));
    } finally {
      if (running?.key === key) running = undefined;
    }
  }

  return {
    answers,
    ask(question, fileIds) {
      stop();
      const key = `${Date.now()}-${answers.get().length}`;
      const controller = new AbortController();
      running = { key, controller };
      answers.set((list) => [...list, beginAnswer(key, question, fileIds)]);
      void follow(key, question, fileIds, controller.signal);
    },
    stop,
    findCitation: (answerId, number) =>
      answers
        .get()
        .find((answer) => answer.answerId === answerId)
        ?.citations.find((citation) => citation.number === number),
    clear() {
      stop();
      answers.set(() => []);
    },
  };
}
