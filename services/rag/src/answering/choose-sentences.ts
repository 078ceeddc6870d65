import { analyze, analyzeQuery, type Language, splitSentences } from "@lyceum/text";

/** A passage that sentences may be drawn from, best first. */
export type Source = { readonly text: string; readonly heading: string; readonly language: Language };

/** The question as the search understood it. */
export type AskedFor = {
  /** Without words that say nothing. */
  readonly content: string;
  /** How much each of its terms tells among the files searched. */
  readonly weights: readonly number[];
};

/** A sentence of the `source`th passage, with how well it covers the question. */
export type Candidate = {
  readonly source: number;
  /** UTF-16 units into the passage's text. */
  readonly start: number;
  readonly end: number;
  /** The share of the question's telling words that stand in it, weighed by how much they tell: 0 to 1. */
  readonly coverage: number;
  /** What the sentence before adds to that, and what the next one does: often they name what this one speaks of. */
  readonly before: number;
  readonly after: number;
};

/** All sentences of the sources that could answer. Headings and crumbs of a few letters can't. */
export function listCandidates(sources: readonly Source[], asked: AskedFor): Candidate[] {
  return sources.flatMap(({ text, language }, source) => {
    const { find, coverageOf } = createCoverage(asked, language);
    const sentences = splitSentences(text).map((place) => ({
      ...place,
      found: find(text.slice(place.start, place.end)),
    }));
    return sentences.flatMap(({ start, end, found }, at) => {
      if (!isStatement(text.slice(start, end))) return [];
      const coverage = coverageOf(found);
      const before = coverageOf(found, sentences[at - 1]?.found) - coverage;
      const after = coverageOf(found, sentences[at + 1]?.found) - coverage;
      return [{ source, start, end, coverage, before, after }];
    });
  });
}

/** Tells how much of a question texts in a language cover. */
export type Coverage = {
  /** Those of the question's terms that stand in a text. */
  find(text: string): ReadonlySet<string>;
  /** How much these make together, by the weights of the terms: 0 to 1. */
  coverageOf(...found: (ReadonlySet<string> | undefined)[]): number;
};

export function createCoverage({ content, weights }: AskedFor, language: Language): Coverage {
  const wanted = new Map<string, number>();
  for (const [at, term] of analyzeQuery(content, language).entries()) wanted.set(term, weights[at] ?? 0);
  const total = [...wanted.values()].reduce((sum, weight) => sum + weight, 0);
  return {
    find(text) {
      const { terms, extras } = analyze(text, language);
      return new Set([...terms, ...extras].filter((term) => wanted.has(term)));
    },
    coverageOf(...found) {
      if (total === 0) return 0;
      let covered = 0;
      for (const term of new Set(found.flatMap((terms) => [...(terms ?? [])]))) covered += wanted.get(term) ?? 0;
      return covered / total;
    },
  };
}

function isStatement(sentence: string): boolean {
  const letters = sentence.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters >= (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sentence) ? 4 : 12);
}

/** How a sentence is judged: by what it covers, by meaning where that is known, by what stands around it and by its passage's rank. */
export function scoreOf({ coverage, before, after, source }: Candidate, cosine: number | undefined): number {
  const match = cosine === undefined ? coverage : 0.5 * coverage + 0.5 * cosine;
  return match + 0.4 * before + 0.1 * after + 0.1 / (source + 1);
}

/** The best sentences in order, at most `limit`; of those that say the same, the first. */
export function chooseSentences<T extends Candidate & { readonly score: number; readonly sentence: string }>(
  scored: readonly T[],
  limit: number,
): T[] {
  const seen = new Set<string>();
  const chosen: T[] = [];
  const ranked = [...scored].sort((a, b) => b.score - a.score || a.source - b.source || a.start - b.start);
  for (const candidate of ranked) {
    const key = candidate.sentence.toLowerCase();
    if (seen.has(key)) continue;
    seen.add(key);
    chosen.push(candidate);
    if (chosen.length === limit) break;
  }
  return chosen;
}
