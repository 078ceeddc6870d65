/** `npm run bench -- [name or id …] [--json]`: measures figures as ratios against a peer in the same run. */
import { type Figure, judge, toTable } from "./figure.ts";
import { benchIngest } from "./ingest.ts";
import { benchReady } from "./ready.ts";
import { benchUnary } from "./unary.ts";

const benches: { name: string; ids: string[]; run: () => Promise<Figure[]> }[] = [
  { name: "unary", ids: ["S1"], run: benchUnary },
  { name: "ready", ids: ["S13"], run: benchReady },
  { name: "ingest", ids: ["S10"], run: benchIngest },
];

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith("--"));
const chosen = benches.filter(
  ({ name, ids }) => wanted.length === 0 || wanted.includes(name) || ids.some((id) => wanted.includes(id)),
);
const unknown = wanted.filter((word) => !benches.some(({ name, ids }) => name === word || ids.includes(word)));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(", ")}. Known: ${benches.map(({ name, ids }) => `${name} (${ids.join(", ")})`).join(", ")}`,
  );
  process.exit(2);
}

const figures: Figure[] = [];
for (const { name, run } of chosen) {
  console.error(`Measuring ${name}…`);
  figures.push(...(await run()).map(judge));
}
console.log(args.includes("--json") ? JSON.stringify(figures, null, 2) : toTable(figures));
