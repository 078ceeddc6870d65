import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { startModel } from "@lyceum/testing/start-model.ts";
import { startProgram } from "@lyceum/testing/start-program.ts";
import { type Figure, quantile } from "./figure.ts";

const questions = 120;

/** S12: from the question to the first text through the gateway, with a model that answers at once; what the model itself takes is left out. */
export async function benchFirstToken(): Promise<Figure[]> {
  const home = await mkdtemp(join(tmpdir(), "lyceum-bench-"));
  await using model = await startModel();
  await using program = await startProgram(home, { RAG_MODEL_URL: model.url, RAG_MODEL_NAME: "test" });
  try {
    const ada = await signUp(program.url, "Ada");
    for (let file = 0; file < 20; file += 1) await ada.settled(await ada.upload(`tides-${file}.md`, chapter(file)));
    for (let warm = 0; warm < 10; warm += 1)
      await firstText(program.url, ada, `What does chapter ${warm} say of spring tides?`);
    const took: number[] = [];
    for (let question = 0; question < questions; question += 1) {
      took.push(await firstText(program.url, ada, `When do spring tides happen in bay ${question % 20}?`));
    }
    return [0.5, 0.99].map((q) => ({
      id: "S12",
      name: `time to the first token beyond the model, p${q * 100}`,
      value: quantile(took, q),
      unit: "ms",
      bound: q === 0.5 ? "<= 50" : "<= 150",
      note: `${questions} questions over 20 files, through the gateway, extract and model in one process`,
    }));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function chapter(number: number): string {
  const section = (at: number) =>
    `## Bay ${number}, part ${at}\n\nSpring tides happen in bay ${number} when the sun and the moon pull in line, at new and full moon. Part ${at} tells of boats, birds and the harbour of bay ${number}.\n`;
  return `# Chapter ${number}\n\n${Array.from({ length: 20 }, (_, at) => section(at)).join("\n")}`;
}

async function firstText(url: string, person: Person, question: string): Promise<number> {
  const start = performance.now();
  const res = await person.fetch("/v1/ask", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ question }),
  });
  const reader = (res.body as ReadableStream<Uint8Array>).getReader();
  let text = "";
  let tookMs = Number.NaN;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
    if (Number.isNaN(tookMs) && text.includes("event: delta")) tookMs = performance.now() - start;
  }
  if (Number.isNaN(tookMs)) throw new Error(`No text came from ${url}: ${text.slice(0, 300)}`);
  return tookMs;
}
