import { type AskResponse, type Citation, FinishReason } from "@lyceum/client";

/** An answer as far as it has come. */
export type GrowingAnswer = {
  /** Names it in this tab, from before the server does. */
  readonly key: string;
  readonly question: string;
  /** The files the question was limited to; none for all. */
  readonly fileIds: readonly string[];
  readonly state: "searching" | "writing" | "finished" | "stopped" | "failed";
  readonly answerId: string;
  readonly text: string;
  readonly citations: readonly Citation[];
  /** How many files it is drawn from. */
  readonly fileCount: number;
  readonly notInFiles: boolean;
  readonly traceId: string;
  /** Why it failed. */
  readonly error?: unknown;
};

export function beginAnswer(key: string, question: string, fileIds: readonly string[]): GrowingAnswer {
  return {
    key,
    question,
    fileIds,
    state: "searching",
    answerId: "",
    text: "",
    citations: [],
    fileCount: 0,
    notInFiles: false,
    traceId: "",
  };
}

/** The answer after one more piece of its stream. */
export function growAnswer(answer: GrowingAnswer, { event }: AskResponse): GrowingAnswer {
  switch (event.case) {
    case "retrieved": {
      const { answerId, passages } = event.value;
      return { ...answer, state: "writing", answerId, fileCount: new Set(passages.map(({ fileId }) => fileId)).size };
    }
    case "delta":
      return { ...answer, state: "writing", text: answer.text + event.value.text };
    case "citation": {
      const citation = event.value;
      const others = answer.citations.filter(({ number }) => number !== citation.number);
      return { ...answer, citations: [...others, citation].sort((a, b) => a.number - b.number) };
    }
    case "done": {
      const { answerId, finishReason, traceId } = event.value;
      return {
        ...answer,
        state: stateAfter(finishReason),
        answerId: answerId || answer.answerId,
        notInFiles: finishReason === FinishReason.NOT_IN_FILES,
        traceId,
      };
    }
    default:
      return answer;
  }
}

/** The answer after its stream has ended, by itself or with an error. One that said `done` stays as it is. */
export function endAnswer(answer: GrowingAnswer, error?: unknown): GrowingAnswer {
  if (answer.state !== "searching" && answer.state !== "writing") return answer;
  return { ...answer, state: "failed", error: error ?? new Error("The answer broke off. Ask again.") };
}

/** The answer after the person stopped it. What was said is kept. */
export function stopAnswer(answer: GrowingAnswer): GrowingAnswer {
  return answer.state === "searching" || answer.state === "writing" ? { ...answer, state: "stopped" } : answer;
}

function stateAfter(reason: FinishReason): GrowingAnswer["state"] {
  if (reason === FinishReason.STOPPED) return "stopped";
  return reason === FinishReason.ERROR ? "failed" : "finished";
}

/** The answer for the clipboard, its sources beneath. */
export function toPlainText(answer: GrowingAnswer): string {
  const sources = answer.citations.map(
    ({ number, fileName, locator }) => `[${number}] ${fileName}${locator?.page ? `, page ${locator.page}` : ""}`,
  );
  return [answer.text.trim(), sources.join("\n")].filter(Boolean).join("\n\n");
}
