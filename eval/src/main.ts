/**
 * `npm run eval -- [--data FOLDER] [SET… | --sets a,b] [--url URL] [--json] [--write]`: retrieval and answer quality through Lyceum's own
 * API, on a Lyceum started for it (or the one at `--url`). Without `--data` it runs on the small sample of this folder. The set `parsers` is the files of the
 * data's `parser-…` folders; `strangers` lets two people search among each other's documents.
 * `--write` keeps the table in `eval/RESULTS.md` with the commit it was measured on. `RAG_…` variables choose the embedder and the
 * vector index as for `npm start`; `--qdrant-reference` compares vectors in the reference of Qdrant, which is exact and no Qdrant.
 * Exits 1 if a figure falls short.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startQdrantReference } from "@lyceum/testing/engines/qdrant.ts";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { readDataSet } from "./data-set.ts";
import { runParsers } from "./run-parsers.ts";
import { runProbes } from "./run-probes.ts";
import { type Asking, type Measured, runSet } from "./run-set.ts";

const root = join(import.meta.dirname, "../..");

/** What each set asks of a Lyceum with its own embedder, at least. */
const bounds: Record<string, Record<string, number>> = {
  "xquad-en": {
    "nDCG@10": 0.978,
    "gold answer in the top 5 passages": 0.99,
    "gold answer in the sentences shown": 0.93,
    "cited passage is the gold one": 0.96,
    answered: 0.95,
    "refused without its document": 0.8,
  },
  "cookbook-docs": { "nDCG@10": 0.8 },
  "xquad-zh": { "nDCG@10": 0.886 },
  "xquad-de": { "nDCG@10": 0.932 },
  "xquad-ar": { "nDCG@10": 0.879 },
  "xquad-th": { "nDCG@10": 0.945 },
  "cmrc2018-zh": { "nDCG@10": 0.955 },
  cisi: { "nDCG@10": 0.393 },
  "openstax-anatomy": { "nDCG@10": 0.838 },
  "sec-10q": { "cited passage is the gold one": 0.8 },
  strangers: { "probes without another's passage": 1 },
  parsers: { "no crash": 1, "no hang over 20 s": 1, "text where there is text": 0.95 },
  sample: { "nDCG@10": 0.95, "gold answer in the sentences shown": 0.9 },
};
/** What it asks instead where `RAG_EMBEDDER_PATH` names all-MiniLM-L6-v2. */
const boundsOfMiniLm: typeof bounds = {
  "xquad-en": { "nDCG@10": 0.98 },
  "cookbook-docs": { "nDCG@10": 0.825 },
  "openstax-anatomy": { "nDCG@10": 0.845 },
  cisi: { "nDCG@10": 0.4 },
};
const askings: Record<string, Asking> = { "xquad-en": "for answers", sample: "for answers", "sec-10q": "for files" };

/** What is measured without regard to the embedder. */
const ownSections: Record<string, string> = { parsers: "Parsers", strangers: "Strangers" };

/** How Lyceum is set up is decided by the same variables as ever. */
const setUp = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("RAG_"))) as Env;
type Env = Record<string, string>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    sets: { type: "string" },
    url: { type: "string" },
    "qdrant-reference": { type: "boolean" },
    json: { type: "boolean" },
    write: { type: "boolean" },
  },
});
const named = [...positionals, ...(values.sets?.split(",") ?? [])];
const names = named.length > 0 ? named : values.data ? ["xquad-en", "cookbook-docs", "xquad-zh"] : ["sample"];
const folderOf = (name: string) => (values.data ? join(resolve(root, values.data), name) : join(root, "eval", name));
/** The set whose documents strangers have. */
const lent = values.data ? "xquad-en" : "sample";

const home = mkdtempSync(join(tmpdir(), "lyceum-eval-"));
const figures: { set: string; name: string; value: number; bound?: number; ok?: boolean }[] = [];
try {
  await using reference = values["qdrant-reference"] ? await startQdrantReference(join(home, "qdrant")) : undefined;
  const index = reference && { RAG_QDRANT_URL: reference.url };
  await using program = values.url ? undefined : await startProgram(home, { LYCEUM_LOG: "warn", ...setUp, ...index });
  for (const name of names) {
    console.error(`Evaluating ${name}…`);
    const measured = await measure(name, () => signUp(values.url ?? program?.url ?? ""));
    for (const [metric, value] of Object.entries(measured)) {
      const bound = (setUp.RAG_EMBEDDER_PATH && boundsOfMiniLm[name]?.[metric]) || bounds[name]?.[metric];
      figures.push({ set: name, name: metric, value, ...(bound !== undefined && { bound, ok: value >= bound }) });
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

const table = toTable();
console.log(values.json ? JSON.stringify(figures, null, 2) : table);
if (values.write) keep(table);
process.exitCode = figures.every(({ ok }) => ok !== false) ? 0 : 1;

async function measure(name: string, newPerson: () => Promise<Person>): Promise<Measured> {
  if (name === "parsers") return runParsers(resolve(root, values.data ?? "."), await newPerson());
  const set = readDataSet(name, folderOf(name === "strangers" ? lent : name));
  if (name === "strangers") return runProbes(set, [await newPerson(), await newPerson()]);
  return runSet(set, await newPerson(), { ask: askings[name] ?? "never" });
}

/** Puts the table into `RESULTS.md`, in place of the last one of the same embedder, or of the parsers. */
function keep(table: string): void {
  const path = join(root, "eval/RESULTS.md");
  const embedder = setUp.RAG_EMBEDDER_PATH
    ? basename(setUp.RAG_EMBEDDER_PATH)
    : (setUp.RAG_EMBEDDER_NAME ?? "Built-in embedder");
  const index = values["qdrant-reference"] ? ", vectors in the reference of Qdrant" : "";
  const engine = setUp.RAG_QDRANT_URL ? ", vectors in Qdrant" : index;
  const title = ownSections[names.join()] ?? embedder + engine;
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const command = `npm run eval -- ${process.argv.slice(2).join(" ")}`;
  const section = `## ${title}\n\nCommit ${commit}, \`${command}\`.\n\n${table}\n`;
  const others = readFileSync(path, "utf8")
    .split(/^(?=## )/m)
    .filter((part) => part.startsWith("## ") && !part.startsWith(`## ${title}\n`))
    .map((part) => part.trimEnd());
  writeFileSync(path, `${["# Results", ...[...others, section.trimEnd()].sort()].join("\n\n")}\n`);
}

function toTable(): string {
  const rows = figures.map(({ set, name, value, bound, ok }) =>
    [set, name, value.toFixed(3), bound ? `≥ ${bound}` : "", ok === undefined ? "" : ok ? "ok" : "FELL SHORT"].join(
      " | ",
    ),
  );
  return ["set | what | value | asked | ", "--- | --- | --: | --: | ---", ...rows]
    .map((row) => `| ${row} |`)
    .join("\n");
}
