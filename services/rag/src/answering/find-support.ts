import { analyze, analyzeQuery, dropStopwords, type Language, splitSentences } from "@lyceum/text";
import { type AskedFor, createCoverage, type Source } from "./choose-sentences.ts";

/** Where a passage speaks of what a sentence says: UTF-16 units into its text. */
export type Support = {
  readonly start: number;
  readonly end: number;
  /** How much of the sentence's telling words stand there: 0 to 1. */
  readonly coverage: number;
  /** How much of them stand in the whole passage. */
  readonly passageCoverage: number;
};

/** What a second sentence must add to be quoted too. */
const leastGain = 0.2;

/**
 * The sentence of a passage, or two on end, that holds most of what a sentence of an answer says. Undefined if none holds
 * anything, or if the answer has a number that the passage has not.
 */
export function findSupport(claim: string, source: Source): Support | undefined {
  const { text, heading, language } = source;
  const whole = `${heading}\n${text}`;
  if (!holdsNumbers(claim, whole, language)) return undefined;
  const { find, coverageOf } = createCoverage(toAsked(claim, language), language);
  const passageCoverage = coverageOf(find(whole));
  const sentences = splitSentences(text).map((place) => ({
    ...place,
    found: find(text.slice(place.start, place.end)),
  }));
  let best: Support | undefined;
  for (const [at, { start, end, found }] of sentences.entries()) {
    const next = sentences[at + 1];
    const alone = coverageOf(found);
    const both = next ? coverageOf(found, next.found) : 0;
    const isPair = next !== undefined && both >= Math.max(alone, coverageOf(next.found)) + leastGain;
    const coverage = isPair ? both : alone;
    if (coverage > (best?.coverage ?? 0)) best = { start, end: isPair ? next.end : end, coverage, passageCoverage };
  }
  return best;
}

/**
 * Whether a passage supports a sentence, by their words and, where that is known, by the likeness of their meaning. Calibrated on
 * XQuAD, with questions and their answers as sentences: 97 % of the passages that answer pass, 2 % of the nearest others.
 */
export function isSupported({ coverage, passageCoverage }: Support, cosine: number | undefined): boolean {
  if (coverage >= 0.5 || (coverage >= 0.3 && passageCoverage >= 0.75)) return true;
  return cosine === undefined ? coverage >= 0.4 : coverage + cosine / 2 >= 0.7;
}

/** Whether a passage supports a sentence that claims no support so plainly that it may be said so. */
export function isPlainlySupported({ coverage }: Support): boolean {
  return coverage >= 0.6;
}

/** How many telling words a sentence has: with fewer than four it states nothing that could be looked up. */
export function countTelling(claim: string, language: Language): number {
  return new Set(analyze(dropStopwords(claim, language), language).terms).size;
}

function toAsked(claim: string, language: Language): AskedFor {
  const content = dropStopwords(claim, language);
  return { content, weights: analyzeQuery(content, language).map(() => 1) };
}

/** A number of two digits or more is not put into other words: a claim that has one which its source has not is wrong. */
function holdsNumbers(claim: string, text: string, language: Language): boolean {
  const known = new Set(numbersOf(text, language));
  return numbersOf(claim, language).every((number) => number.length < 2 || known.has(number));
}

function numbersOf(text: string, language: Language): string[] {
  return analyze(text, language).terms.flatMap((term) => /^\d+(?:\.\d+)*/.exec(term) ?? []);
}
