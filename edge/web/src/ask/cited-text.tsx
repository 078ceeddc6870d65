import type { Citation } from "@lyceum/client";
import { useCallback } from "react";
import { Markdown } from "../markdown/markdown.tsx";
import { CitationChip } from "./citation-chip.tsx";

type Props = { text: string; citations: readonly Citation[]; answerId: string; growing: boolean };

/** An answer's words with their references; only a citation there is becomes one. */
export function CitedText({ text, citations, answerId, growing }: Props) {
  const render = useCallback(
    (number: number) => {
      const citation = citations.find((other) => other.number === number);
      return citation && <CitationChip citation={citation} answerId={answerId} />;
    },
    [citations, answerId],
  );
  const numbers = citations.map(({ number }) => number);
  return <Markdown text={text} growing={growing} references={numbers} renderReference={render} />;
}
