import type { Language } from "@lyceum/text";

/** What is known of the best that was found. */
export type Found = {
  /** How much of the question the best passage covers, with its headings and the words its file is about: 0 to 1. */
  readonly passageCoverage: number;
  /** The score of the best sentence. */
  readonly sentenceScore: number;
  /** Whether that score knows of meaning. */
  readonly hasCosine: boolean;
  readonly text: string;
  readonly language: Language;
};

/**
 * Whether what was found answers the question at all. Calibrated on XQuAD so that 97 % of answerable questions are answered, in
 * three files as among a hundred, and 4 of 5 are refused once nothing is left on their subject.
 */
export function isRelevant(found: Found): boolean {
  return found.passageCoverage + found.sentenceScore >= leastOf(found);
}

/** Bigrams and words with many endings match less often by themselves. */
function leastOf({ hasCosine, text, language }: Found): number {
  if (hasCosine) return 0.8;
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 0.42;
  return language === "english" && /\p{Script=Latin}/u.test(text) ? 0.77 : 0.57;
}
