import type { Embedder } from "../embedder/embedder.ts";
import type { ReadPassage, Retrieval } from "../retrieval.ts";
import { toSentence } from "./answer.ts";
import {
  type AskedFor,
  type Candidate,
  chooseSentences,
  createCoverage,
  listCandidates,
  type Source,
  scoreOf,
} from "./choose-sentences.ts";
import { type Found, isRelevant } from "./relevance.ts";
import { toSource } from "./rerank.ts";

/** A sentence that answers, and where in its passage it stands. */
export type Extract = {
  readonly source: ReadPassage;
  /** UTF-16 units into the passage's text. */
  readonly start: number;
  readonly end: number;
};

const maxSentences = 3;
/** Sentences worth comparing by meaning; embedding one takes about 20 ms. */
const maxEmbedded = 10;

/** The best sentences for a question, verbatim; none if nothing found is relevant to it. The same question finds the same. */
export async function extractSentences(
  { passages, asked, vector }: Retrieval,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Extract[]> {
  const sources = passages.map(toSource);
  const candidates = listCandidates(sources, asked)
    .map((candidate) => ({ ...candidate, sentence: toSentence(textOf(passages, candidate)) }))
    .sort((a, b) => quickRank(b) - quickRank(a) || a.source - b.source || a.start - b.start)
    .slice(0, maxEmbedded);
  const cosines = vector ? await compare(candidates, vector, embedder, signal) : [];
  const scored = candidates.map((candidate, at) => ({
    ...candidate,
    cosine: cosines[at],
    score: scoreOf(candidate, cosines[at]),
  }));
  const chosen = chooseSentences(scored, maxSentences);
  const best = Math.max(...chosen.map(({ score }) => score));
  const [first] = sources;
  if (!first || !isRelevant(toFound(first, asked, best, cosines.length > 0))) return [];
  return chosen.flatMap(({ source, start, end }) => {
    const passage = passages[source];
    return passage ? [{ source: passage, start, end }] : [];
  });
}

/** Before meaning is known. */
const quickRank = (candidate: Candidate) => scoreOf(candidate, undefined) + candidate.fromFile;

function toFound(source: Source, asked: AskedFor, sentenceScore: number, hasCosine: boolean): Found {
  const { text, heading, language, standings } = source;
  const { find, coverageInFile } = createCoverage(asked, language, standings);
  const passageCoverage = coverageInFile(find(`${text}\n${heading}`));
  return { passageCoverage, sentenceScore, hasCosine, text, language };
}

function textOf(passages: readonly ReadPassage[], { source, start, end }: Candidate): string {
  return passages[source]?.passage.text.slice(start, end) ?? "";
}

/** How near each sentence is to the question in meaning; nothing if the embedder fails, and words alone must do. */
async function compare(
  candidates: readonly { readonly sentence: string }[],
  vector: Float32Array,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<number[]> {
  try {
    const vectors = await embedder.embed(
      candidates.map(({ sentence }) => sentence),
      "query",
      signal,
    );
    return vectors.map((other) => cosineOf(other, vector));
  } catch (error) {
    if (signal.aborted) throw error;
    return [];
  }
}

/** How alike two vectors are in direction. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let at = 0; at < a.length; at++) product += (a[at] as number) * (b[at] as number);
  return product / (Math.hypot(...a) * Math.hypot(...b) || 1);
}
