import { expect, test } from "vitest";
import { analyze, analyzeQuery } from "./analyzer.ts";
import { fuse, searchWords as search, searchVectors } from "./search.ts";
import { openSegment, type PassageText, writeSegment } from "./segment.ts";
import { openVectors, writeVectors } from "./vectors.ts";

const searchWords = (...args: Parameters<typeof search>) => search(...args).hits;

type Found = { segment: number; passage: number; score: number };

/** BM25 by the book, over the whole scope as one list, where a word of the text counts at least what it is to its file. */
function referenceSearch(files: PassageText[][], query: string, limit: number): Found[] {
  const passages = files.flatMap((file, segment) => file.map((text, passage) => ({ segment, passage, ...text })));
  const scores = passages.map(() => 0);
  const isHit = passages.map(() => false);
  for (const [field, weight] of [["text", 1] as const, ["heading", 0.5] as const]) {
    const analyses = passages.map((passage) => analyze(passage[field], "english"));
    const average = analyses.reduce((sum, { terms }) => sum + terms.length, 0) / analyses.length;
    for (const term of analyzeQuery(query, "english")) {
      const counts = analyses.map(
        ({ terms, extras }) => [...terms, ...extras].filter((other) => other === term).length,
      );
      const standings = readStandings(files, term);
      const holding = counts.filter((count) => count > 0).length;
      const idf = Math.log(1 + (passages.length - holding + 0.5) / (holding + 0.5));
      for (const [at, count] of counts.entries()) {
        const length = (analyses[at]?.terms.length ?? 0) / average;
        const own = (weight * idf * count * 2.2) / (count + 1.2 * (0.25 + 0.75 * length));
        const fromFile = field === "text" ? idf * (standings[passages[at]?.segment ?? 0] ?? 0) : 0;
        isHit[at] ||= count > 0;
        scores[at] = (scores[at] ?? 0) + fromFile + Math.max(own - fromFile, own / 10);
      }
    }
  }
  return passages
    .map(({ segment, passage }, at) => ({ segment, passage, score: scores[at] ?? 0 }))
    .filter((_, at) => isHit[at])
    .sort((a, b) => b.score - a.score || a.segment - b.segment || a.passage - b.passage)
    .slice(0, limit);
}

/** How much a term stands all over each file: by the share of passages beside the first that have it, in one field or the other. */
function readStandings(files: PassageText[][], term: string): number[] {
  return files.map((file) => {
    const countIn = (field: "text" | "heading") =>
      file.filter((passage) => passage[field].split(" ").includes(term)).length;
    const share = Math.max(0, Math.max(countIn("text"), countIn("heading")) - 1) / (file.length + 5);
    return share / (share + 0.1);
  });
}

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomCorpus(seed: number): PassageText[][] {
  const random = createRandom(seed);
  const words = (most: number) =>
    Array.from({ length: Math.floor(random() * most) }, () => `w${Math.floor(random() ** 2 * 300)}x`).join(" ");
  return Array.from({ length: 12 }, () =>
    Array.from({ length: Math.floor(random() * 40) }, () => ({ text: words(80), heading: words(6) })),
  );
}

const open = (files: PassageText[][]) => files.map((file) => openSegment(writeSegment(file, "english")));

test.each([1, 2, 3])("ranks and scores as BM25 by the book does (corpus %i)", (seed) => {
  const files = randomCorpus(seed);
  const segments = open(files);
  const random = createRandom(seed + 100);
  for (let round = 0; round < 40; round++) {
    const query = Array.from(
      { length: 1 + Math.floor(random() * 6) },
      () => `w${Math.floor(random() ** 2 * 300)}x`,
    ).join(" ");
    const expected = referenceSearch(files, query, 100);
    const found = searchWords(segments, query, 100);
    expect(found.map(({ segment, passage }) => [segment, passage])).toEqual(
      expected.map(({ segment, passage }) => [segment, passage]),
    );
    for (const [at, hit] of found.entries()) expect(hit.score).toBeCloseTo(expected[at]?.score ?? 0, 10);
  }
});

test("of passages alike, those rise whose file is about what they do not name", () => {
  const report = (firm: string) => [
    { text: "Revenue rose by a tenth in the quarter that ended in June", heading: "" },
    ...Array.from({ length: 4 }, (_, at) => ({ text: `${firm} makes ale number ${at}`, heading: "" })),
  ];
  const segments = open([report("Alpha"), report("Beta"), [{ text: "Beta is mentioned once", heading: "" }]]);
  const { hits, standings } = search(segments, "By how much did revenue of Beta rise in the quarter?", 10);
  expect(hits.filter(({ passage }) => passage === 0).map(({ segment }) => segment)).toEqual([1, 0, 2]);
  expect(standings.map((terms) => terms.some((standing) => standing > 0.7))).toEqual([false, true, false]);
});

test("a word all over a file is still found in it", () => {
  const file = Array.from({ length: 30 }, () => ({ text: "the harbour and the sea ".repeat(20), heading: "" }));
  expect(searchWords(open([file]), "harbour", 100)).toHaveLength(30);
});

test("only the given files decide a score", () => {
  const files = randomCorpus(7);
  const alone = searchWords(open(files.slice(0, 3)), "w1x w20x", 10);
  expect(searchWords(open(files.slice(0, 3)), "w1x w20x", 10)).toEqual(alone);
  expect(searchWords(open(files), "w1x w20x", 10)).not.toEqual(alone);
});

test("each file is asked in its own language", () => {
  const german = openSegment(writeSegment([{ text: "In den Häusern brennt Licht", heading: "" }], "german"));
  const english = openSegment(writeSegment([{ text: "The houses are lit", heading: "" }], "english"));
  expect(searchWords([german, english], "Häuser", 10)).toMatchObject([{ segment: 0 }]);
  expect(searchWords([german, english], "house", 10)).toMatchObject([{ segment: 1 }]);
});

test("a file taken for another language gains nothing by it", () => {
  const file = (text: string, language: "english" | "czech") =>
    openSegment(writeSegment([{ text, heading: "" }], language));
  const segments = [
    ...Array.from({ length: 9 }, (_, at) => file(`what is the matter with number ${at}`, "english")),
    file("what is the name of the table", "czech"),
  ];
  expect(searchWords(segments, "What is the matter with the table?", 10)[0]).toMatchObject({ segment: 9 });
  expect(searchWords(segments, "What is the number 3?", 10)).toHaveLength(9);
});

test("nothing matches nothing", () => {
  expect(searchWords([], "word", 10)).toEqual([]);
  expect(searchWords(open([[]]), "word", 10)).toEqual([]);
  expect(searchWords(open([[{ text: "word", heading: "" }]]), "…", 10)).toEqual([]);
});

test("vectors are ranked by cosine, and files without any are passed over", () => {
  const random = createRandom(5);
  const vector = () => Array.from({ length: 32 }, () => random() - 0.5);
  const files = [[vector(), vector()], undefined, [vector()]];
  const query = vector();
  const cosine = (a: number[]) =>
    a.reduce((sum, value, at) => sum + value * (query[at] ?? 0), 0) / Math.hypot(...a) / Math.hypot(...query);
  const found = searchVectors(
    files.map((rows) => rows && openVectors(writeVectors(rows, 32))),
    query,
    10,
  );
  const expected = [0, 1].map((passage) => cosine(files[0]?.[passage] ?? [])).concat(cosine(files[2]?.[0] ?? []));
  expect(found.map(({ score }) => score.toFixed(2))).toEqual(
    expected.sort((a, b) => b - a).map((score) => score.toFixed(2)),
  );
});

test("fusing takes shares of the best of both rankings and keeps what only one of them found", () => {
  const hit = (passage: number, score: number) => ({ segment: 0, passage, score });
  const words = [hit(1, 10), hit(2, 5), hit(3, 1)];
  const vectors = [hit(2, 0.9), hit(4, 0.5), hit(1, 0.2)];
  const fused = fuse(words, vectors, { weight: 0.5, nearness: 0.1 });
  expect(fused.map(({ passage, score }) => [passage, Number(score.toFixed(4))])).toEqual([
    [2, 0.75],
    [1, 0.5625],
    [4, 0.25],
    [3, 0.05],
  ]);
  expect(fuse(words, [], { weight: 0.5, nearness: 0.1 }).map(({ score }) => score)).toEqual([1, 0.5, 0.1]);
  expect(fuse([], [], { weight: 0.5, nearness: 0.1 })).toEqual([]);
});
