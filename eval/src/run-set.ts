import type { Json, Person } from "@lyceum/testing/person.ts";
import type { DataSet } from "./data-set.ts";
import { holdsAnswer, mean, ndcg, recall } from "./metrics.ts";

/** What was measured on one set, every value between 0 and 1. */
export type Measured = Record<string, number>;

/** Whether Ask is judged too: by the short gold answers of the set, or only by which files it cites. */
export type Asking = "for answers" | "for files" | "never";

/**
 * Uploads every document, texts as files named after their titles, waits until all are ready, and puts every query to Search;
 * with `ask`, also to Ask. All through the public API, as the person.
 */
export async function runSet(set: DataSet, person: Person, { ask }: { ask: Asking }): Promise<Measured> {
  const documentIds = new Map<string, string>();
  await forEach(set.documents, 4, async ({ id, name, content }) => {
    documentIds.set(await person.upload(name, content), id);
  });
  await forEach([...documentIds.keys()], 4, async (fileId) => {
    const { state, failure } = await person.settled(fileId, 900_000);
    if (state !== "DOCUMENT_STATE_READY") throw new Error(`${set.name}: a document failed: ${failure?.message}`);
  });
  const rows: Measured[] = [];
  const refusals: number[] = [];
  await forEach([...set.queries.entries()], 4, async ([index, query]) => {
    const grades = set.relevant.get(query.id) ?? new Map();
    const { passages } = await person.post("/v1/search", { query: query.text.slice(0, 2_000), limit: 100 });
    const ranking: string[] = [...new Set<string>(passages.map(({ fileId }: Json) => documentIds.get(fileId) ?? ""))];
    const row: Measured = { "nDCG@10": ndcg(ranking, grades), "recall@10": recall(ranking, grades) };
    if (ask !== "never") Object.assign(row, await askAbout(query, passages, grades, documentIds, person));
    if (ask === "for files") {
      delete row["gold answer in the top 5 passages"];
      delete row["gold answer in the sentences shown"];
    }
    rows.push(row);
    if (ask === "for answers" && index % refusalEvery === 0)
      refusals.push(await askWithout(set, query, grades, documentIds, person));
  });
  const names = Object.keys(rows[0] ?? {});
  return {
    ...Object.fromEntries(names.map((name) => [name, mean(rows.map((row) => row[name] ?? 0))])),
    ...(ask === "for answers" && { "refused without its document": mean(refusals) }),
  };
}

/** Every so many questions are asked a second time, of files that cannot answer them. */
const refusalEvery = 3;

/** Asks of all files but those of the document that answers: those with its title, since several may be pieces of one. 1 if refused. */
async function askWithout(
  set: DataSet,
  query: DataSet["queries"][number],
  grades: ReadonlyMap<string, number>,
  documentIds: ReadonlyMap<string, string>,
  person: Person,
): Promise<number> {
  const titles = new Set(set.documents.filter(({ id }) => grades.has(id)).map(({ title }) => title));
  const removed = new Set(set.documents.filter(({ title }) => titles.has(title)).map(({ id }) => id));
  const rest = [...documentIds].filter(([, id]) => !removed.has(id)).map(([fileId]) => fileId);
  const events = await person.ask(query.text, rest.slice(0, 250));
  return Number(events.at(-1)?.data.done?.finishReason === "FINISH_REASON_NOT_IN_FILES");
}

async function askAbout(
  query: DataSet["queries"][number],
  passages: Json[],
  grades: ReadonlyMap<string, number>,
  documentIds: ReadonlyMap<string, string>,
  person: Person,
): Promise<Measured> {
  const events = await person.ask(query.text);
  const shown = events.map(({ data }) => data.delta?.text ?? "").join("");
  const cited = events.flatMap(({ data }) => (data.citation ? [documentIds.get(data.citation.fileId) ?? ""] : []));
  const topFive = passages.slice(0, 5).map(({ text }: Json) => text);
  return {
    "gold answer in the top 5 passages": Number(holdsAnswer(topFive.join("\n"), query.answers)),
    "gold answer in the sentences shown": Number(holdsAnswer(shown.replace(/ ?\[\d+\]/g, ""), query.answers)),
    "cited passage is the gold one": Number(cited.some((id) => (grades.get(id) ?? 0) > 0)),
    answered: Number(cited.length > 0),
  };
}

/** Runs `work` on every item, at most `width` at once. */
export async function forEach<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
