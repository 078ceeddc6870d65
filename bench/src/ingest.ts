import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makePdf } from "@lyceum/testing/make-pdf.ts";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { type Figure, quantile } from "./figure.ts";

const sizes = [
  { pages: 1, rounds: 30, p50: "<= 1", p99: "<= 3" },
  { pages: 20, rounds: 8 },
  { pages: 300, rounds: 1, p50: "<= 15" },
];

/** S10: from the first byte of an upload until its words are found by Search, through the public port. */
export async function benchIngest(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  try {
    await using program = await startProgram(home);
    const person = await signUp(program.url);
    await timeToSearchable(person, 1);
    const figures: Figure[] = [];
    for (const { pages, rounds, p50, p99 } of sizes) {
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) seconds.push(await timeToSearchable(person, pages));
      const name = `upload to searchable, PDF of ${pages} page${pages === 1 ? "" : "s"}`;
      const note = `${rounds} in a row, through the gateway`;
      figures.push({ id: "S10", name: `${name}, p50`, value: quantile(seconds), unit: "s", bound: p50, note });
      if (rounds > 1) {
        figures.push({ id: "S10", name: `${name}, p99`, value: quantile(seconds, 0.99), unit: "s", bound: p99, note });
      }
    }
    return figures;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function timeToSearchable(person: Person, pages: number): Promise<number> {
  const word = `w${randomUUID().replaceAll("-", "")}`;
  const pdf = makePdf(Array.from({ length: pages }, (_, page) => makePage(word, page)));
  const start = performance.now();
  const fileId = await person.upload(`${word}.pdf`, new Uint8Array(pdf));
  for (;;) {
    const { passages } = await person.post("/v1/search", { query: word, limit: 1 });
    if (passages[0]?.fileId === fileId) return (performance.now() - start) / 1_000;
    await sleep(10);
  }
}

/** A page of about 450 words, as a printed one has; the sought word stands on the first. */
function makePage(word: string, page: number): string[] {
  const sentence = "speaks of rivers, bridges and the towns between them.";
  const lines = Array.from({ length: 36 }, (_, line) => `Line ${line} of page ${page} ${sentence}`);
  return page === 0 ? [`The sought word is ${word}.`, ...lines] : lines;
}
