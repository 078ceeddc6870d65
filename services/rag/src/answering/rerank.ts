import { type Language, splitSentences } from "@lyceum/text";
import type { ReadPassage } from "../retrieval.ts";
import { type AskedFor, createCoverage, type Source } from "./choose-sentences.ts";
import { findNewest } from "./series.ts";

/** How much counts that the question's words stand in one sentence under its headings, or in two on end; chosen on development sets. */
const closenessWeights = { sentence: 1.2, pair: 0.2 };
/** How much it counts to be of the newest file where that is asked for. */
const newestWeight = 0.4;

/**
 * The passages in a new order: those rise where a sentence covers much of the question, or two on end do, and those of the newest file
 * of a series if the question asks for that.
 */
export function rerank(passages: readonly ReadPassage[], question: string, asked: AskedFor): ReadPassage[] {
  const newest = findNewest(passages, question);
  return passages
    .map((read) => {
      const closeness = closenessOf(toSource(read), asked);
      const score = read.hit.score + closeness + (newest.has(read) ? newestWeight : 0);
      return { ...read, hit: { ...read.hit, score } };
    })
    .sort((a, b) => b.hit.score - a.hit.score);
}

/** A passage as sentences are drawn from it. */
export function toSource({ hit, file, passage }: ReadPassage): Source {
  const heading = [file.name, ...(passage.locator?.headingPath ?? [])].join("\n");
  return { text: passage.text, heading, language: hit.language as Language, standings: hit.standings };
}

function closenessOf({ text, heading, language, standings }: Source, asked: AskedFor): number {
  const { find, coverageInFile } = createCoverage(asked, language, standings);
  const above = find(heading);
  const found = splitSentences(text).map(({ start, end }) => find(text.slice(start, end)));
  const sentence = Math.max(0, ...found.map((terms) => coverageInFile(terms, above)));
  const pair = Math.max(0, ...found.map((terms, at) => coverageInFile(terms, found[at + 1])));
  return closenessWeights.sentence * sentence + closenessWeights.pair * pair;
}
