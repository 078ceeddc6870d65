/** What a model says instead of an answer if the passages do not hold one. */
export const notInFilesWord = "NOT_IN_FILES";

/** Reads how a model begins. */
export type OpeningReader = {
  /** The words that are part of the answer, as soon as that is known. */
  push(words: string): string;
  /** What was held back. */
  end(): string;
  /** Whether the model says that there is no answer. */
  readonly isNotInFiles: boolean;
};

const thinking = { open: "<think>", close: "</think>" };

/** Leaves out what a model thinks aloud before it answers, and knows the word for no answer, however it is dressed. */
export function createOpeningReader(): OpeningReader {
  let held = "";
  let state: "opening" | "thinking" | "answer" | "notInFiles" = "opening";
  const open = (): string => {
    const start = held.trimStart();
    if (state === "opening" && start.startsWith(thinking.open)) state = "thinking";
    if (state === "thinking") {
      const close = held.indexOf(thinking.close);
      if (close < 0) return keepTail();
      held = held.slice(close + thinking.close.length);
      state = "opening";
      return open();
    }
    const said = start.replace(/^[*_`"'([\s]+/, "");
    if (said.startsWith(notInFilesWord)) state = "notInFiles";
    else if (!notInFilesWord.startsWith(said) && !thinking.open.startsWith(start)) {
      state = "answer";
      return start;
    }
    return "";
  };
  /** Thoughts are not kept, but for what may be the first half of their end. */
  const keepTail = (): string => {
    held = held.slice(-thinking.close.length);
    return "";
  };
  return {
    push(words) {
      if (state === "answer") return words;
      if (state === "notInFiles") return "";
      held += words;
      return open();
    },
    end: () => (state === "opening" ? held.trimStart() : ""),
    get isNotInFiles() {
      return state === "notInFiles";
    },
  };
}
