import { type Answer, type AskResponse, type Citation, FinishReason, Rating } from "@lyceum/client";
import { sayPlace } from "../source/say-place.ts";

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
  /** How many files it is drawn from; 0 where that is not known any more. */
  readonly fileCount: number;
  readonly notInFiles: boolean;
  /** What its asker said of it. */
  readonly rating: Rating;
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
    rating: Rating.UNSPECIFIED,
  };
}

/** A stored answer, which may still be under way. */
export function toGrowingAnswer({ id, question, text, citations, finishReason, rating }: Answer): GrowingAnswer {
  return {
    ...beginAnswer(id, question, []),
    state: finishReason === FinishReason.UNSPECIFIED ? "writing" : stateAfter(finishReason),
    answerId: id,
    text,
    citations,
    notInFiles: finishReason === FinishReason.NOT_IN_FILES,
    rating,
  };
}

export function isGrowing({ state }: GrowingAnswer): boolean {
  return state === "searching" || state === "writing";
}

/** The answer after one more piece of its stream. One that was stopped only learns its id. */
export function growAnswer(answer: GrowingAnswer, event: AskResponse["event"]): GrowingAnswer {
  if (!isGrowing(answer)) return event.case === "retrieved" ? { ...answer, answerId: event.value.answerId } : answer;
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
      const { answerId, finishReason } = event.value;
      return {
        ...answer,
        state: stateAfter(finishReason),
        answerId: answerId || answer.answerId,
        notInFiles: finishReason === FinishReason.NOT_IN_FILES,
      };
    }
    default:
      return answer;
  }
}

/** What is shown while the same answer is heard again from its beginning: nothing of it disappears meanwhile. */
export function catchUp(shown: GrowingAnswer, resumed: GrowingAnswer): GrowingAnswer {
  if (!isGrowing(shown)) return shown;
  const isBehind = isGrowing(resumed) && resumed.text.length < shown.text.length;
  return isBehind ? shown : { ...resumed, key: shown.key, rating: shown.rating };
}

/** The answer after its stream has ended, by itself or with an error. One that said `done` stays as it is. */
export function endAnswer(answer: GrowingAnswer, error?: unknown): GrowingAnswer {
  if (!isGrowing(answer)) return answer;
  return { ...answer, state: "failed", error: error ?? new Error("The answer broke off. Ask again.") };
}

/** The answer after the person stopped it. What was said is kept. */
export function stopAnswer(answer: GrowingAnswer): GrowingAnswer {
  return isGrowing(answer) ? { ...answer, state: "stopped" } : answer;
}

function stateAfter(reason: FinishReason): GrowingAnswer["state"] {
  if (reason === FinishReason.STOPPED) return "stopped";
  return reason === FinishReason.ERROR ? "failed" : "finished";
}

/** The answer for the clipboard, its sources beneath. */
export function toPlainText(answer: GrowingAnswer): string {
  const sources = answer.citations.map(({ number, fileName, locator }) =>
    [`[${number}] ${fileName}`, sayPlace(locator)].filter(Boolean).join(", "),
  );
  return [answer.text.trim(), sources.join("\n")].filter(Boolean).join("\n\n");
}
