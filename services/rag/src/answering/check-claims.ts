import { detectLanguage, splitSentences } from "@lyceum/text";
import type { Embedder } from "../embedder/embedder.ts";
import type { ReadPassage } from "../retrieval.ts";
import { cosineOf, type Extract } from "./extract.ts";
import { countTelling, findSupport, isPlainlySupported, isSupported } from "./find-support.ts";
import { toSource } from "./rerank.ts";

/** What is left of the support that a sentence claims. */
export type Checked = {
  /** The words that support it, in the order of the claims. */
  readonly support: readonly Extract[];
  /** Claims that name no passage, or one that does not say so. */
  readonly dropped: number;
};

/**
 * Checks the passages that a model names for a sentence, counted from 1. Where none is left, the passage that plainly says
 * the same is its support, so that a model that forgets to cite is cited too.
 */
export async function checkClaims(
  sentence: string,
  claims: readonly number[],
  passages: readonly ReadPassage[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Checked> {
  const support: Extract[] = [];
  for (const claim of claims) {
    const passage = passages[claim - 1];
    const found = passage && (await findWords(sentence, passage, embedder, signal));
    if (found) support.push(found);
  }
  const dropped = claims.length - support.length;
  if (support.length > 0 || !isStatement(sentence)) return { support, dropped };
  const plain = findPlain(sentence, passages);
  return { support: plain ? [plain] : [], dropped };
}

async function findWords(
  sentence: string,
  read: ReadPassage,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Extract | undefined> {
  const support = findSupport(sentence, toSource(read));
  const { text } = read.passage;
  if (!support) return findTranslation(sentence, read, embedder, signal);
  const { start, end } = support;
  // Words alone often decide, and meaning takes a while.
  const isOpen = isSupported(support, 1) && !isSupported(support, 0);
  const [cosine] = isOpen ? await compare(sentence, [text.slice(start, end)], embedder, signal) : [];
  return isSupported(support, isOpen ? cosine : 0) ? { source: read, start, end } : undefined;
}

/** How alike in meaning a sentence and another in a second language must be. */
const leastAlike = 0.75;
const maxCompared = 12;

/** Where a passage in another language says the same, if the embedder knows both languages. */
async function findTranslation(
  sentence: string,
  read: ReadPassage,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Extract | undefined> {
  const { text } = read.passage;
  if (detectLanguage(sentence) === detectLanguage(text) && scriptOf(sentence) === scriptOf(text)) return undefined;
  const places = splitSentences(text).slice(0, maxCompared);
  const cosines = await compare(
    sentence,
    places.map(({ start, end }) => text.slice(start, end)),
    embedder,
    signal,
  );
  const best = cosines.indexOf(Math.max(...cosines));
  const place = places[best];
  return place && (cosines[best] ?? 0) >= leastAlike ? { source: read, ...place } : undefined;
}

function findPlain(sentence: string, passages: readonly ReadPassage[]): Extract | undefined {
  const found = passages
    .flatMap((read) => {
      const support = findSupport(sentence, toSource(read));
      return support && isPlainlySupported(support) ? [{ read, ...support }] : [];
    })
    .sort((a, b) => b.coverage - a.coverage)[0];
  return found && { source: found.read, start: found.start, end: found.end };
}

/** Neither a heading, a table row, code, nor too short to be looked up. */
function isStatement(sentence: string): boolean {
  return !/^\s*(?:#|\||```)|:\s*$/.test(sentence) && countTelling(sentence, detectLanguage(sentence)) >= 4;
}

function scriptOf(text: string): string {
  for (const script of ["Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Devanagari", "Thai", "Hangul"]) {
    if (new RegExp(`\\p{Script=${script}}`, "u").test(text)) return script;
  }
  return "other";
}

/** How near each text is to the sentence; nothing if the embedder cannot tell. */
async function compare(
  sentence: string,
  texts: readonly string[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<number[]> {
  if (![sentence, ...texts].every((text) => embedder.canRead(text))) return [];
  try {
    const [vector, ...others] = await embedder.embed([sentence, ...texts], "query", signal);
    return vector ? others.map((other) => cosineOf(other, vector)) : [];
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}
