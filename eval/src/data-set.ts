import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A collection to retrieve from, in BEIR's shape (Thakur et al. 2021): documents, questions, and which answer which. */
export type DataSet = {
  name: string;
  documents: { id: string; title: string; text: string }[];
  queries: { id: string; text: string; answers: string[] }[];
  /** Grades by query id, then document id. */
  relevant: Map<string, Map<string, number>>;
};

/** Reads `corpus.jsonl[.gz]`, `queries.jsonl` and `qrels.tsv` from `folder`. */
export function readDataSet(name: string, folder: string): DataSet {
  const relevant = new Map<string, Map<string, number>>();
  for (const line of readLines(join(folder, "qrels.tsv")).slice(1)) {
    const [query = "", document = "", grade = "0"] = line.split("\t");
    const grades = relevant.get(query) ?? new Map<string, number>();
    relevant.set(query, grades.set(document, Number(grade)));
  }
  const corpus = join(folder, "corpus.jsonl");
  return {
    name,
    documents: readLines(existsSync(corpus) ? corpus : `${corpus}.gz`).map((line) => JSON.parse(line)),
    queries: readLines(join(folder, "queries.jsonl"))
      .map((line) => ({ answers: [], ...JSON.parse(line) }))
      .filter(({ id }) => relevant.has(id)),
    relevant,
  };
}

function readLines(path: string): string[] {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").split("\n").filter(Boolean);
}
