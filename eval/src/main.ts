/**
 * `npm run eval -- [--data FOLDER] [--sets a,b] [--url URL] [--json] [--write]`: retrieval and answer quality through Lyceum's own
 * API, on a Lyceum started for it (or the one at `--url`). Without `--data` it runs on the small sample of this folder.
 * `--write` keeps the table in `eval/RESULTS.md` with the commit it was measured on. Exits 1 if a figure falls short.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { signUp } from "@lyceum/testing/person.ts";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { readDataSet } from "./data-set.ts";
import { runSet } from "./run-set.ts";

const root = join(import.meta.dirname, "../..");

/** What each set asks of the embedded Lyceum, at least. */
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
  sample: { "nDCG@10": 0.95, "gold answer in the sentences shown": 0.9 },
};
/** Sets whose questions have short gold answers, so that Ask can be judged too. */
const asked = ["xquad-en", "sample"];

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    sets: { type: "string" },
    url: { type: "string" },
    json: { type: "boolean" },
    write: { type: "boolean" },
  },
});
const names = values.sets?.split(",") ?? (values.data ? ["xquad-en", "cookbook-docs", "xquad-zh"] : ["sample"]);
const folderOf = (name: string) => (values.data ? join(resolve(root, values.data), name) : join(root, "eval", name));

const home = mkdtempSync(join(tmpdir(), "lyceum-eval-"));
const figures: { set: string; name: string; value: number; bound?: number; ok?: boolean }[] = [];
try {
  await using program = values.url ? undefined : await startProgram(home, { LYCEUM_LOG: "warn" });
  for (const name of names) {
    console.error(`Evaluating ${name}…`);
    const set = readDataSet(name, folderOf(name));
    const person = await signUp(values.url ?? program?.url ?? "");
    const measured = await runSet(set, person, { ask: asked.includes(name) });
    for (const [metric, value] of Object.entries(measured)) {
      const bound = bounds[name]?.[metric];
      figures.push({ set: name, name: metric, value, ...(bound !== undefined && { bound, ok: value >= bound }) });
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

const table = toTable();
console.log(values.json ? JSON.stringify(figures, null, 2) : table);
if (values.write) {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const command = `npm run eval -- ${process.argv.slice(2).join(" ")}`;
  writeFileSync(join(root, "eval/RESULTS.md"), `# Results\n\nCommit ${commit}, \`${command}\`.\n\n${table}\n`);
}
process.exitCode = figures.every(({ ok }) => ok !== false) ? 0 : 1;

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
