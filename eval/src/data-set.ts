import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { gunzipSync } from "node:zlib";

/** A collection to retrieve from, in BEIR's shape (Thakur et al. 2021): documents, questions, and which answer which. */
export type DataSet = {
  name: string;
  documents: { id: string; title: string; name: string; content: BodyInit }[];
  queries: { id: string; text: string; answers: string[] }[];
  /** Grades by query id, then document id. */
  relevant: Map<string, Map<string, number>>;
};

/**
 * Reads `queries.jsonl` and `qrels.tsv` from `folder`, and what they are about: the files of `files.tar.gz` or PDFs beside
 * them where there are any, known by their names, else `corpus.jsonl[.gz]`.
 */
export function readDataSet(name: string, folder: string): DataSet {
  const relevant = new Map<string, Map<string, number>>();
  for (const line of readLines(join(folder, "qrels.tsv")).slice(1)) {
    const [query = "", document = "", grade = "0"] = line.split("\t");
    const grades = relevant.get(query) ?? new Map<string, number>();
    relevant.set(query, grades.set(document, Number(grade)));
  }
  return {
    name,
    documents: readDocuments(folder),
    queries: readLines(join(folder, "queries.jsonl"))
      .map((line) => ({ answers: [], ...JSON.parse(line) }))
      .filter(({ id, text }) => relevant.has(id) && text.trim()),
    relevant,
  };
}

function readDocuments(folder: string): DataSet["documents"] {
  const archive = join(folder, "files.tar.gz");
  if (existsSync(archive)) {
    const unpacked = mkdtempSync(join(tmpdir(), "lyceum-eval-files-"));
    execFileSync("tar", ["xzf", archive, "-C", unpacked]);
    const documents = readFiles(join(unpacked, "files"), readdirSync(join(unpacked, "files")));
    rmSync(unpacked, { recursive: true });
    return documents;
  }
  const pdfs = readdirSync(folder).filter((name) => name.endsWith(".pdf"));
  if (pdfs.length > 0) return readFiles(folder, pdfs);
  const corpus = join(folder, "corpus.jsonl");
  return readLines(existsSync(corpus) ? corpus : `${corpus}.gz`).map((line) => {
    const { id, title = "", text } = JSON.parse(line);
    const name =
      title
        .replace(/[/\\\p{Cc}]/gu, " ")
        .trim()
        .slice(0, 200) || "untitled";
    return { id, title, name: `${name}.txt`, content: text };
  });
}

function readFiles(folder: string, names: readonly string[]): DataSet["documents"] {
  return names.map((name) => {
    const { name: id } = parse(name);
    return { id, title: id, name, content: new Uint8Array(readFileSync(join(folder, name))) };
  });
}

function readLines(path: string): string[] {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").split("\n").filter(Boolean);
}
