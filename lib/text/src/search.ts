import { analyzeQuery } from "./analyzer.ts";
import { createDot } from "./dot.ts";
import type { Language } from "./languages.ts";
import type { Field, Segment } from "./segment.ts";
import { findHash, hashTerm } from "./term-hash.ts";
import { TopList } from "./top-list.ts";
import { quantize, type Vectors } from "./vectors.ts";

/** A passage that matches: the `passage`th of the `segment`th given. */
export type Hit = { readonly segment: number; readonly passage: number; readonly score: number };

const k1 = 1.2;
const b = 0.75;
/** How much a word in the file's name or a heading counts beside one in the text. */
const headingWeight = 0.5;
let scores = new Float64Array(1024);

/**
 * The passages that match a query's words best, by BM25 over text and headings. Frequencies are summed over exactly these
 * segments, so nothing outside them changes a score. Each segment is asked in the language it was written in.
 */
export function searchWords(segments: readonly Segment[], query: string, limit: number): Hit[] {
  const asked = new Map<Language, Asked>();
  const queries = segments.map(({ language }) => {
    const known = asked.get(language) ?? toAsked(query, language);
    asked.set(language, known);
    return known;
  });
  const text = weigh(segments, queries, "text", 1);
  const heading = weigh(segments, queries, "heading", headingWeight);
  const top = new TopList(limit);
  for (const [index, segment] of segments.entries()) {
    const matched = text.matches(index) || heading.matches(index);
    if (!matched) continue;
    if (scores.length < segment.passageCount) scores = new Float64Array(segment.passageCount * 2);
    scores.fill(0, 0, segment.passageCount);
    text.addTo(scores, index);
    heading.addTo(scores, index);
    for (let passage = 0; passage < segment.passageCount; passage++) {
      const score = scores[passage] as number;
      if (score > 0) top.add(index, passage, score);
    }
  }
  return top.take();
}

type Asked = { readonly hashes: readonly number[]; readonly counts: readonly number[] };

function toAsked(query: string, language: Language): Asked {
  const terms = analyzeQuery(query, language);
  return { hashes: [...terms.keys()].map(hashTerm), counts: [...terms.values()] };
}

/** Looks every term up in every segment, and weighs it by how many passages of the scope hold it. */
function weigh(segments: readonly Segment[], queries: readonly Asked[], name: "text" | "heading", weight: number) {
  const found: (readonly number[] | undefined)[] = [];
  const frequencies = new Map<number, number>();
  let passageCount = 0;
  let totalLength = 0;
  for (const [index, segment] of segments.entries()) {
    const field = segment[name];
    passageCount += segment.passageCount;
    totalLength += field.totalLength;
    let any = false;
    const hashes = queries[index]?.hashes ?? [];
    const places = hashes.map((hash) => {
      const place = findHash(field.hashes, hash);
      if (place < 0) return place;
      any = true;
      const count = (field.starts[place + 1] as number) - (field.starts[place] as number);
      frequencies.set(hash, (frequencies.get(hash) ?? 0) + count);
      return place;
    });
    found.push(any ? places : undefined);
  }
  const averageLength = totalLength / passageCount;
  return {
    matches: (index: number) => found[index] !== undefined,
    addTo(scores: Float64Array, index: number): void {
      const segment = segments[index];
      const query = queries[index];
      if (!segment || !query) return;
      for (const [at, place] of (found[index] ?? []).entries()) {
        if (place < 0) continue;
        const frequency = frequencies.get(query.hashes[at] as number) ?? 0;
        const factor = weight * (query.counts[at] as number) * inverseFrequency(passageCount, frequency);
        addTerm(scores, segment[name], place, factor, averageLength);
      }
    },
  };
}

/** How much a term tells that `frequency` of `count` passages hold. */
export function inverseFrequency(count: number, frequency: number): number {
  return Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5));
}

function addTerm(scores: Float64Array, field: Field, place: number, factor: number, averageLength: number): void {
  const { starts, passages, frequencies, lengths } = field;
  const end = starts[place + 1] as number;
  for (let at = starts[place] as number; at < end; at++) {
    const passage = passages[at] as number;
    const frequency = frequencies[at] as number;
    const length = (lengths[passage] as number) / averageLength;
    scores[passage] =
      (scores[passage] as number) + (factor * frequency * (k1 + 1)) / (frequency + k1 * (1 - b + b * length));
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

/** Joins both rankings: each scaled to 0 to 1 by its best and worst, the vectors' counting `weight` and the words' the rest. */
export function fuse(words: readonly Hit[], vectors: readonly Hit[], weight: number): Hit[] {
  if (vectors.length === 0 || weight === 0) return [...words];
  const joined = new Map<number, Hit>();
  for (const [hits, share] of [
    [words, 1 - weight],
    [vectors, weight],
  ] as const) {
    const best = hits[0]?.score ?? 0;
    const worst = hits.at(-1)?.score ?? 0;
    for (const { segment, passage, score } of hits) {
      const key = segment * 65_536 + passage;
      const scaled = share * (best > worst ? (score - worst) / (best - worst) : 1);
      joined.set(key, { segment, passage, score: (joined.get(key)?.score ?? 0) + scaled });
    }
  }
  return [...joined.values()].sort(byRank);
}

/** The better score first; equal ones in the order of the files and their passages, so that the same search gives the same list. */
export function byRank(a: Hit, b: Hit): number {
  return b.score - a.score || a.segment - b.segment || a.passage - b.passage;
}
