import { type Language, splitSentences } from "@lyceum/text";
import type { ReadPassage } from "../retrieval.ts";
import { type AskedFor, createCoverage, type Source } from "./choose-sentences.ts";
import { findNewest } from "./series.ts";

/** How much counts that the question's words stand close together. */
const closenessWeight = 0.4;
/** How much it counts to be of the newest file where that is asked for. */
const newestWeight = 0.4;

/**
 * The passages in a new order: those rise where two sentences on end cover much of the question, and those of the newest file
 * of a series if the question asks for that.
 */
export function rerank(passages: readonly ReadPassage[], question: string, asked: AskedFor): ReadPassage[] {
  const newest = findNewest(passages, question);
  return passages
    .map((read) => {
      const closeness = closenessOf(toSource(read), asked);
      const score = read.hit.score + closenessWeight * closeness + (newest.has(read) ? newestWeight : 0);
      return { ...read, hit: { ...read.hit, score } };
    })
    .sort((a, b) => b.hit.score - a.hit.score);
}

/** A passage as sentences are drawn from it. */
export function toSource({ hit, file, passage }: ReadPassage): Source {
  const heading = [file.name, ...(passage.locator?.headingPath ?? [])].join("\n");
  return { text: passage.text, heading, language: hit.language as Language, standings: hit.standings };
}

function closenessOf({ text, language, standings }: Source, asked: AskedFor): number {
  const { find, coverageInFile } = createCoverage(asked, language, standings);
  const found = splitSentences(text).map(({ start, end }) => find(text.slice(start, end)));
  return Math.max(0, ...found.map((terms, at) => coverageInFile(terms, found[at + 1])));
}
