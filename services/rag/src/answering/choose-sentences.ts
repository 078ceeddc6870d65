import { analyze, analyzeQuery, type Language, splitSentences } from "@lyceum/text";

/** A passage that sentences may be drawn from, best first. */
export type Source = {
  readonly text: string;
  readonly heading: string;
  readonly language: Language;
  /** How much each term of the question stands all over the passage's file, 0 to 1. */
  readonly standings: readonly number[];
};

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
  /** What the words add that the passage's whole file is about: they tell which file is meant, not whether it answers. */
  readonly fromFile: number;
};

/** All sentences of the sources that could answer. Questions, headings and crumbs of a few letters can't. */
export function listCandidates(sources: readonly Source[], asked: AskedFor): Candidate[] {
  return sources.flatMap(({ text, language, standings }, source) => {
    const { find, coverageOf, coverageInFile } = createCoverage(asked, language, standings);
    const sentences = splitSentences(text).map((place) => ({
      ...place,
      found: find(text.slice(place.start, place.end)),
    }));
    return sentences.flatMap(({ start, end, found }, at) => {
      if (!isStatement(text.slice(start, end))) return [];
      const coverage = coverageOf(found);
      const before = coverageOf(found, sentences[at - 1]?.found) - coverage;
      const after = coverageOf(found, sentences[at + 1]?.found) - coverage;
      return [{ source, start, end, coverage, before, after, fromFile: coverageInFile(found) - coverage }];
    });
  });
}

/** Tells how much of a question texts in a language cover. */
export type Coverage = {
  /** Those of the question's terms that stand in a text. */
  find(text: string): ReadonlySet<string>;
  /** How much these make together, by the weights of the terms: 0 to 1. */
  coverageOf(...found: (ReadonlySet<string> | undefined)[]): number;
  /** The same, where words that stand all over the file count as found. */
  coverageInFile(...found: (ReadonlySet<string> | undefined)[]): number;
};

/** From here on a file is about a word; below, it uses it. */
const leastStanding = 0.7;

export function createCoverage(
  { content, weights }: AskedFor,
  language: Language,
  standings: readonly number[] = [],
): Coverage {
  const wanted = new Map<string, number>();
  const given = new Map<string, number>();
  for (const [at, term] of analyzeQuery(content, language).entries()) {
    const standing = standings[at] ?? 0;
    wanted.set(term, weights[at] ?? 0);
    if (standing >= leastStanding) given.set(term, standing * (weights[at] ?? 0));
  }
  const total = [...wanted.values()].reduce((sum, weight) => sum + weight, 0);
  const shareOf = (found: ReadonlySet<string>) =>
    [...found].reduce((sum, term) => sum + (wanted.get(term) ?? 0), 0) / (total || 1);
  return {
    find(text) {
      const { terms, extras } = analyze(text, language);
      return new Set([...terms, ...extras].filter((term) => wanted.has(term)));
    },
    coverageOf: (...found) => shareOf(union(found)),
    coverageInFile(...found) {
      const own = union(found);
      const rest = [...given].filter(([term]) => !own.has(term));
      return shareOf(own) + rest.reduce((sum, [, weight]) => sum + weight, 0) / (total || 1);
    },
  };
}

const union = (found: readonly (ReadonlySet<string> | undefined)[]) =>
  new Set(found.flatMap((terms) => [...(terms ?? [])]));

function isStatement(sentence: string): boolean {
  if (/[?？؟]["'”’)\]»*_]*\s*$/u.test(sentence)) return false;
  const letters = sentence.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters >= (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sentence) ? 4 : 12);
}

/** How a sentence is judged: by what it covers, by meaning where that is known, by what stands around it and by its passage's rank. */
export function scoreOf({ coverage, before, after, source }: Candidate, cosine: number | undefined): number {
  const match = cosine === undefined ? coverage : 0.5 * coverage + 0.5 * cosine;
  return match + 0.4 * before + 0.1 * after + 0.15 / (source + 1);
}

/** The best sentences in order, those of the files meant before others, at most `limit`; of those that say the same, the first. */
export function chooseSentences<T extends Candidate & { readonly score: number; readonly sentence: string }>(
  scored: readonly T[],
  limit: number,
): T[] {
  const seen = new Set<string>();
  const chosen: T[] = [];
  const rankOf = ({ score, fromFile }: T) => score + fromFile / 2;
  const ranked = [...scored].sort((a, b) => rankOf(b) - rankOf(a) || a.source - b.source || a.start - b.start);
  for (const candidate of ranked) {
    const key = candidate.sentence.toLowerCase();
    if (seen.has(key)) continue;
    seen.add(key);
    chosen.push(candidate);
    if (chosen.length === limit) break;
  }
  return chosen;
}
