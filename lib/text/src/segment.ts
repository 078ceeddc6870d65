import { type Analysis, analyze } from "./analyzer.ts";
import { createBlob, DamagedSegmentError, layOut, openBlob, sealBlob } from "./blob.ts";
import { type Language, languages } from "./languages.ts";
import { hashTerm } from "./term-hash.ts";

/** What is indexed of one passage. */
export type PassageText = {
  readonly text: string;
  /** The file's name and the headings above the passage: a field of its own. */
  readonly heading: string;
};

/** The inverted list of one field: for the term at i, the postings from `starts[i]` up to `starts[i + 1]`. */
export type Field = {
  /** Sorted. */
  readonly hashes: Float64Array;
  readonly starts: Uint32Array;
  /** Which passage, from 0, rising within a term. */
  readonly passages: Uint16Array;
  readonly frequencies: Uint16Array;
  /** Terms of each passage, at most 65,535. */
  readonly lengths: Uint16Array;
  readonly totalLength: number;
};

/** One file's postings: views of a blob, nothing parsed. */
export type Segment = {
  readonly passageCount: number;
  readonly language: Language;
  readonly text: Field;
  readonly heading: Field;
  readonly sizeBytes: number;
};

/** Passages one segment can hold. */
export const maxPassages = 65_535;

const kind = 1;
const most = 65_535;

/** Indexes the passages of one file, in order, into a blob for `openSegment`. Throws a RangeError above `maxPassages`. */
export function writeSegment(passages: readonly PassageText[], language: Language): Uint8Array<ArrayBuffer> {
  if (passages.length > maxPassages) throw new RangeError(`A file is limited to ${maxPassages} passages.`);
  const text = invert(passages.map((passage) => analyze(passage.text, language)));
  const heading = invert(passages.map((passage) => analyze(passage.heading, language)));
  const numbers = [
    passages.length,
    languages.indexOf(language),
    text.hashes.length,
    text.passages.length,
    heading.hashes.length,
    heading.passages.length,
    text.totalLength,
    heading.totalLength,
  ];
  const { offsets, end } = layOut(sectionsOf(numbers));
  const bytes = createBlob(kind, numbers, end);
  for (const [at, section] of [...sectionsIn(text), ...sectionsIn(heading)].entries()) {
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), offsets[at]);
  }
  return sealBlob(bytes);
}

/** Opens a blob of `writeSegment`. Throws DamagedSegmentError: such a file must be indexed again. */
export function openSegment(blob: Uint8Array): Segment {
  const { bytes, numbers } = openBlob(blob, kind);
  const [passageCount = 0, languageIndex = 0, textTerms = 0, textPostings = 0, headingTerms = 0, headingPostings = 0] =
    numbers;
  const language = languages[languageIndex];
  const { offsets, end } = layOut(sectionsOf(numbers));
  if (!language || end !== bytes.length) throw new DamagedSegmentError("of another shape");
  const [textLength = 0, headingLength = 0] = numbers.slice(6);
  return {
    passageCount,
    language,
    text: readField(bytes, offsets.slice(0, 5), textTerms, textPostings, passageCount, textLength),
    heading: readField(bytes, offsets.slice(5), headingTerms, headingPostings, passageCount, headingLength),
    sizeBytes: bytes.length,
  };
}

function invert(analyses: readonly Analysis[]): Field {
  const postings = new Map<number, [number, number][]>();
  const lengths = new Uint16Array(analyses.length);
  for (const [passage, { terms, extras }] of analyses.entries()) {
    lengths[passage] = Math.min(terms.length, most);
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const term of extras) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const hash = hashTerm(term);
      const list = postings.get(hash);
      if (list) list.push([passage, Math.min(count, most)]);
      else postings.set(hash, [[passage, Math.min(count, most)]]);
    }
  }
  return toField(postings, lengths);
}

function toField(postings: Map<number, [number, number][]>, lengths: Uint16Array): Field {
  const hashes = Float64Array.from(postings.keys()).sort();
  const starts = new Uint32Array(hashes.length + 1);
  const pairs = Array.from(hashes, (hash) => postings.get(hash) ?? []);
  for (const [at, list] of pairs.entries()) starts[at + 1] = (starts[at] as number) + list.length;
  const all = pairs.flat();
  return {
    hashes,
    starts,
    passages: Uint16Array.from(all, ([passage]) => passage),
    frequencies: Uint16Array.from(all, ([, frequency]) => frequency),
    lengths,
    totalLength: lengths.reduce((sum, length) => sum + length, 0),
  };
}

const sectionsIn = (field: Field) => [field.hashes, field.starts, field.passages, field.frequencies, field.lengths];

/** Byte lengths of the sections, in the order of `sectionsIn`, for both fields. */
function sectionsOf(numbers: readonly number[]): number[] {
  const [passageCount = 0, , textTerms = 0, textPostings = 0, headingTerms = 0, headingPostings = 0] = numbers;
  const field = (terms: number, postings: number) => [
    terms * 8,
    (terms + 1) * 4,
    postings * 2,
    postings * 2,
    passageCount * 2,
  ];
  return [...field(textTerms, textPostings), ...field(headingTerms, headingPostings)];
}

function readField(
  bytes: Uint8Array<ArrayBuffer>,
  offsets: readonly number[],
  terms: number,
  postings: number,
  passageCount: number,
  totalLength: number,
): Field {
  const [hashes = 0, starts = 0, passages = 0, frequencies = 0, lengths = 0] = offsets.map(
    (offset) => bytes.byteOffset + offset,
  );
  return {
    hashes: new Float64Array(bytes.buffer, hashes, terms),
    starts: new Uint32Array(bytes.buffer, starts, terms + 1),
    passages: new Uint16Array(bytes.buffer, passages, postings),
    frequencies: new Uint16Array(bytes.buffer, frequencies, postings),
    lengths: new Uint16Array(bytes.buffer, lengths, passageCount),
    totalLength,
  };
}
