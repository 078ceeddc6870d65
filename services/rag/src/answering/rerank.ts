import { type Language, splitSentences } from "@lyceum/text";
import type { ReadPassage } from "../retrieval.ts";
import { type AskedFor, createCoverage, type Source } from "./choose-sentences.ts";

/** How much counts that the question's words stand close together. */
const closenessWeight = 0.4;

/** The passages in a new order: those where two sentences on end cover much of the question rise. */
export function rerank(passages: readonly ReadPassage[], asked: AskedFor): ReadPassage[] {
  return passages
    .map((read) => {
      const score = read.hit.score + closenessWeight * closenessOf(toSource(read), asked);
      return { ...read, hit: { ...read.hit, score } };
    })
    .sort((a, b) => b.hit.score - a.hit.score);
}

/** A passage as sentences are drawn from it. */
export function toSource({ hit, file, passage }: ReadPassage): Source {
  const heading = [file.name, ...(passage.locator?.headingPath ?? [])].join("\n");
  return { text: passage.text, heading, language: hit.language as Language };
}

function closenessOf({ text, language }: Source, asked: AskedFor): number {
  const { find, coverageOf } = createCoverage(asked, language);
  const found = splitSentences(text).map(({ start, end }) => find(text.slice(start, end)));
  return Math.max(0, ...found.map((terms, at) => coverageOf(terms, found[at + 1])));
}
