import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makePdf } from "@lyceum/testing/make-pdf.ts";
import { type Figure, quantile } from "./figure.ts";
import { startProgram } from "./program.ts";

const sizes = [
  { pages: 1, rounds: 30, bounds: ["<= 1", "<= 3"] },
  { pages: 20, rounds: 8, bounds: [] },
  { pages: 300, rounds: 1, bounds: ["<= 15"] },
];

/** S10: from the first byte of an upload until its words are found by Search, through the public port. */
export async function benchIngest(): Promise<Figure[]> {
  const home = mkdtempSync(join(tmpdir(), "lyceum-bench-"));
  const program = await startProgram(home);
  try {
    const person = await signUp(program.url);
    await person.timeToSearchable(1);
    const figures: Figure[] = [];
    for (const { pages, rounds, bounds } of sizes) {
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) seconds.push(await person.timeToSearchable(pages));
      const what = `upload to searchable, PDF of ${pages} page${pages === 1 ? "" : "s"}`;
      const note = `${rounds} uploads one after another, through the gateway`;
      figures.push({
        id: "S10",
        name: `${what}, p50`,
        value: quantile(seconds),
        unit: "s",
        ...(bounds[0] && { bound: bounds[0] }),
        note,
      });
      if (rounds > 1) {
        figures.push({
          id: "S10",
          name: `${what}, p99`,
          value: quantile(seconds, 0.99),
          unit: "s",
          ...(bounds[1] && { bound: bounds[1] }),
          note,
        });
      }
    }
    return figures;
  } finally {
    await program.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function signUp(url: string) {
  const post = async (path: string, body: BodyInit, headers: Record<string, string>) => {
    const res = await fetch(`${url}${path}`, { method: "POST", body, headers });
    if (!res.ok) throw new Error(`${path}: ${res.status} ${await res.text()}`);
    return res.json();
  };
  const json = { "content-type": "application/json" };
  const account = { email: `${randomUUID()}@example.org`, password: randomUUID() };
  const { session } = await post("/v1/auth/sign-up", JSON.stringify(account), json);
  const authorization = `Bearer ${session.accessToken}`;
  return {
    async timeToSearchable(pages: number): Promise<number> {
      const word = `w${randomUUID().replaceAll("-", "")}`;
      const pdf = makePdf(Array.from({ length: pages }, (_, page) => makePage(word, page)));
      const start = performance.now();
      const { file } = await post(`/v1/files?name=${word}.pdf`, new Uint8Array(pdf), { authorization });
      for (;;) {
        const { passages } = await post("/v1/search", JSON.stringify({ query: word, limit: 1 }), {
          ...json,
          authorization,
        });
        if (passages[0]?.fileId === file.id) return (performance.now() - start) / 1_000;
        await sleep(10);
      }
    },
  };
}

/** A page of about 450 words, as a printed one has; the sought word stands on the first. */
function makePage(word: string, page: number): string[] {
  const lines = Array.from(
    { length: 36 },
    (_, line) => `Line ${line} of page ${page} speaks of rivers, bridges and the towns between them.`,
  );
  return page === 0 ? [`The sought word is ${word}.`, ...lines] : lines;
}
