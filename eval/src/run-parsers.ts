import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json, Person } from "@lyceum/testing/person.ts";
import { mean } from "./metrics.ts";
import { forEach, type Measured } from "./run-set.ts";

type Outcome = { readonly isAnswered: boolean; readonly seconds: number; readonly text: string };

const hangSeconds = 20;
const giveUpSeconds = 120;
/** Programs differ in what of a page they take for text. */
const wordsNeeded = 0.75;

/**
 * Uploads every file of the folders `parser-…`, as the person, and judges what becomes of each: whether it ends with text or with a
 * reason that is the file's own, how long that takes, and whether the words are found that another program read in it.
 */
export async function runParsers(dataFolder: string, person: Person): Promise<Measured> {
  const crashed: string[] = [];
  const hung: string[] = [];
  const textless: string[] = [];
  const wordsOf = readWords();
  const paths = listFiles(dataFolder);
  const outcomes: number[] = [];
  await forEach(paths, 2, async (path) => {
    const words = wordsOf.get(path) ?? [];
    const { isAnswered, seconds, text } = await readFile(join(dataFolder, path), person);
    if (!isAnswered) crashed.push(path);
    if (seconds > hangSeconds) hung.push(path);
    if (words.length === 0) return;
    const found = words.filter((word) => text.includes(normalize(word))).length / words.length;
    if (found < wordsNeeded) textless.push(path);
    outcomes.push(Number(found >= wordsNeeded));
  });
  await person.json("/v1/documents?pageSize=1");
  console.error(
    [...listed("Crashed", crashed), ...listed("Hung", hung), ...listed("Text not found", textless)].join("\n"),
  );
  return {
    "no crash": 1 - crashed.length / paths.length,
    "no hang over 20 s": 1 - hung.length / paths.length,
    "text where there is text": mean(outcomes),
  };
}

/** Words that another program read in each file of `parsers.tsv`; none where it says in brackets why there are none. */
function readWords(): Map<string, string[]> {
  const lines = readFileSync(join(import.meta.dirname, "../parsers.tsv"), "utf8")
    .trim()
    .split("\n");
  return new Map(
    lines.map((line) => {
      const [path = "", words = ""] = line.split("\t");
      return [path, words.startsWith("(") ? [] : words.split(" ")];
    }),
  );
}

function listFiles(dataFolder: string): string[] {
  const folders = readdirSync(dataFolder).filter((name) => name.startsWith("parser-"));
  if (folders.length === 0) throw new Error(`There is no folder parser-… in ${dataFolder}: say --data FOLDER.`);
  return folders.flatMap((folder) =>
    readdirSync(join(dataFolder, folder))
      .filter((name) => name !== "SOURCE.md")
      .map((name) => `${folder}/${name}`),
  );
}

async function readFile(path: string, person: Person): Promise<Outcome> {
  const fileId = await person.upload(basename(path), readFileSync(path));
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  while (seconds() < giveUpSeconds) {
    const { document }: Json = await person.json(`/v1/documents/${fileId}`);
    if (document.state === "DOCUMENT_STATE_FAILED") {
      return { isAnswered: document.failure.reason !== "INTERNAL", seconds: seconds(), text: "" };
    }
    if (!["DOCUMENT_STATE_QUEUED", "DOCUMENT_STATE_PARSING"].includes(document.state)) {
      const took = seconds();
      const { text } = await person.json(`/v1/documents/${fileId}/text`);
      return { isAnswered: true, seconds: took, text: normalize(text) };
    }
    await sleep(50);
  }
  return { isAnswered: false, seconds: seconds(), text: "" };
}

const normalize = (text: string) => text.normalize("NFKC").replaceAll("\u00ad", "").toLowerCase();

const listed = (what: string, paths: readonly string[]) => (paths.length > 0 ? [`${what}: ${paths.join(", ")}`] : []);
