import { type Figure, judge, toTable } from "./figure.ts";

/** A command that measures one or more figures. */
export type Bench = { readonly name: string; readonly ids: readonly string[]; readonly run: () => Promise<Figure[]> };

/** Runs those named on the command line by name or id, or all, and prints a table, or with `--json` one array. Fails if one fell short. */
export async function runFigures(benches: readonly Bench[], args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const isMeant = ({ name, ids }: Bench) => wanted.includes(name) || ids.some((id) => wanted.includes(id));
  const unknown = wanted.filter((word) => !benches.some(({ name, ids }) => name === word || ids.includes(word)));
  if (unknown.length > 0) {
    const known = benches.map(({ name, ids }) => `${name} (${ids.join(", ")})`).join(", ");
    console.error(`There is nothing called ${unknown.join(", ")}. Known: ${known}`);
    process.exit(2);
  }
  const figures: Figure[] = [];
  for (const bench of benches.filter((bench) => wanted.length === 0 || isMeant(bench))) {
    console.error(`Measuring ${bench.name}…`);
    figures.push(...(await bench.run()).map(judge));
  }
  console.log(args.includes("--json") ? JSON.stringify(figures, null, 2) : toTable(figures));
  process.exit(figures.some(({ ok }) => ok === false) ? 1 : 0);
}
