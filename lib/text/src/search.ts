import { analyzeQuery, dropStopwords } from "./analyzer.ts";
import { createDot } from "./dot.ts";
import { detectLanguage, type Language } from "./languages.ts";
import type { Field, Segment } from "./segment.ts";
import { findHash, hashTerm } from "./term-hash.ts";
import { type Hit, TopList } from "./top-list.ts";
import { quantize, type Vectors } from "./vectors.ts";

const k1 = 1.2;
const b = 0.75;
/** How much a word in the file's name or a heading counts beside one in the text. */
const headingWeight = 0.5;
/** A word that stands in this share of a file's passages is half of what it can be to the file. */
const halfStanding = 0.1;
/** What of a word's score is left at least to the passages that have it themselves. */
const leastGain = 0.1;
/** Passages that are taken to exist beside a file's own when it is judged what the file is full of. */
const contextPadding = 5;
/** Passages that are taken to exist beside those searched when it is judged what a word tells: among three, chance decides. */
const padding = 100;
let scores = new Float64Array(1024);

/** What a query's words found. */
export type WordSearch = {
  /** The best first. */
  readonly hits: Hit[];
  /** The query without words that say nothing. */
  readonly content: string;
  /** How much each of the content's terms tells, in the order of `analyzeQuery`: the rarer in the text of these files, the more. Above 0. */
  readonly weights: number[];
  /** How much of each segment each of these terms stands for: 0 where at most one passage has it, near 1 where most do; empty for a segment of one passage. */
  readonly standings: number[][];
};

/**
 * The passages that match a query's words best, by BM25 over text and headings, where a passage without a word has some of it
 * from its file, if that is full of the word: in a firm's report, no paragraph names the firm. Frequencies are summed over
 * exactly these segments, so nothing outside them changes a score. Each segment is asked in the language it was written in.
 */
export function searchWords(segments: readonly Segment[], query: string, limit: number): WordSearch {
  const content = dropStopwords(query, detectLanguage(query, mainLanguage(segments)));
  const hashes = hashQuery(segments, content);
  const text = weigh(segments, hashes, "text", 1);
  const heading = weigh(segments, hashes, "heading", headingWeight);
  const top = new TopList(limit);
  const standings: number[][] = [];
  for (const [index, segment] of segments.entries()) {
    const own: number[] = [];
    standings.push(own);
    if (!text.matches(index) && !heading.matches(index)) continue;
    if (segment.passageCount > 1) own.push(...readStandings(segment, text.counts(index), heading.counts(index)));
    if (scores.length < segment.passageCount) scores = new Float64Array(segment.passageCount * 2);
    scores.fill(0, 0, segment.passageCount);
    const context = own.map((standing, at) => standing * (text.weights[at] as number));
    const fromFile = context.reduce((sum, score) => sum + score, 0);
    text.addTo(scores, index, context);
    heading.addTo(scores, index);
    for (let passage = 0; passage < segment.passageCount; passage++) {
      const score = scores[passage] as number;
      if (score > 0) top.add(index, passage, score + fromFile);
    }
  }
  return { hits: top.take(), content, weights: text.telling, standings };
}

function readStandings({ passageCount }: Segment, inText: readonly number[], inHeadings: readonly number[]): number[] {
  return inText.map((count, at) => {
    const others = Math.max(count, inHeadings[at] ?? 0) - 1;
    const share = Math.max(0, others) / (passageCount + contextPadding);
    return share / (share + halfStanding);
  });
}

/** The query's terms by the language of each segment; those at one place are the same word of the query. */
function hashQuery(segments: readonly Segment[], content: string): number[][] {
  const known = new Map<Language, number[]>();
  return segments.map(({ language }) => {
    const hashes = known.get(language) ?? analyzeQuery(content, language).map(hashTerm);
    known.set(language, hashes);
    return hashes;
  });
}

function mainLanguage(segments: readonly Segment[]): Language | undefined {
  const counts = new Map<Language, number>();
  for (const { language, passageCount } of segments) counts.set(language, (counts.get(language) ?? 0) + passageCount);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Looks every term up in every segment, and weighs it by how many passages of the scope hold it. */
function weigh(segments: readonly Segment[], hashes: readonly number[][], name: "text" | "heading", weight: number) {
  const frequencies = new Float64Array(hashes[0]?.length ?? 0);
  let passageCount = 0;
  let totalLength = 0;
  const places = segments.map((segment, index) => {
    const field = segment[name];
    passageCount += segment.passageCount;
    totalLength += field.totalLength;
    let any = false;
    const found = (hashes[index] ?? []).map((hash, at) => {
      const place = findHash(field.hashes, hash);
      if (place < 0) return place;
      any = true;
      frequencies[at] = (frequencies[at] as number) + countOf(field, place);
      return place;
    });
    return any ? found : undefined;
  });
  const weights = Array.from(frequencies, (frequency) => inverseFrequency(passageCount, frequency));
  return {
    telling: Array.from(frequencies, (frequency) => Math.log(1 + (passageCount + padding) / (frequency + 0.5))),
    matches: (index: number) => places[index] !== undefined,
    /** In how many passages of a segment each term stands. */
    counts(index: number): number[] {
      const field = segments[index]?.[name];
      const found = places[index];
      return weights.map((_, at) => countOf(field, found?.[at] ?? -1));
    },
    weights,
    /** Adds what each term counts in each passage, less what all passages of the segment have of it anyway. */
    addTo(scores: Float64Array, index: number, had: readonly number[] = []): void {
      const field = segments[index]?.[name];
      for (const [at, place] of (places[index] ?? []).entries()) {
        if (!field || place < 0) continue;
        const factor = weight * (weights[at] as number);
        addTerm(scores, field, place, { factor, averageLength: totalLength / passageCount, had: had[at] ?? 0 });
      }
    },
  };
}

function countOf(field: Field | undefined, place: number): number {
  return field && place >= 0 ? (field.starts[place + 1] as number) - (field.starts[place] as number) : 0;
}

/** How much a term tells that `frequency` of `count` passages hold. */
function inverseFrequency(count: number, frequency: number): number {
  return Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5));
}

function addTerm(
  scores: Float64Array,
  { starts, passages, frequencies, lengths }: Field,
  place: number,
  { factor, averageLength, had }: { factor: number; averageLength: number; had: number },
): void {
  const end = starts[place + 1] as number;
  for (let at = starts[place] as number; at < end; at++) {
    const passage = passages[at] as number;
    const frequency = frequencies[at] as number;
    const length = (lengths[passage] as number) / averageLength;
    const score = (factor * frequency * (k1 + 1)) / (frequency + k1 * (1 - b + b * length));
    scores[passage] = (scores[passage] as number) + Math.max(score - had, leastGain * score);
  }
}

const dot = createDot();

/** The passages whose vectors lie closest to a query's, by cosine; files without vectors, or of another model, are passed over. */
export function searchVectors(files: readonly (Vectors | undefined)[], query: ArrayLike<number>, limit: number): Hit[] {
  const { scale, values } = quantize(query);
  const top = new TopList(limit);
  for (const [index, file] of files.entries()) {
    if (!file || file.dimensions !== values.length) continue;
    dot(values, file.values, (first, products) => {
      for (let at = 0; at < products.length; at++) {
        top.add(index, first + at, (products[at] as number) * scale * (file.scales[first + at] as number));
      }
    });
  }
  return top.take();
}

/**
 * Joins both rankings, the vectors' counting `weight` and the words' the rest: each score as its share of the best, cosines from
 * `nearness` on, so that how much else was searched changes nothing.
 */
export function fuse(
  words: readonly Hit[],
  vectors: readonly Hit[],
  { weight, nearness }: { weight: number; nearness: number },
): Hit[] {
  const joined = new Map<number, Hit>();
  const add = (hits: readonly Hit[], share: number, nothing: number) => {
    const best = (hits[0]?.score ?? 0) - nothing;
    for (const { segment, passage, score } of hits) {
      const key = segment * 65_536 + passage;
      const scaled = best > 0 ? (share * (score - nothing)) / best : 0;
      joined.set(key, { segment, passage, score: (joined.get(key)?.score ?? 0) + scaled });
    }
  };
  const share = vectors.length > 0 ? weight : 0;
  add(words, 1 - share, 0);
  if (share > 0) add(vectors, share, nearness);
  return [...joined.values()].sort(byRank);
}

/** The better score first; equal ones in the order of the files and their passages, so that the same search gives the same list. */
function byRank(a: Hit, b: Hit): number {
  return b.score - a.score || a.segment - b.segment || a.passage - b.passage;
}
