import type { Json, Person } from "@lyceum/testing/person.ts";
import type { DataSet } from "./data-set.ts";
import { mean } from "./metrics.ts";
import { forEach, type Measured } from "./run-set.ts";

const probes = 1_000;

/**
 * Gives every other document to each of two people, and lets each search a thousand times in all for what the set asks and for
 * words that stand in the other's documents, now and then by naming the other's file: what they find must be their own.
 */
export async function runProbes(set: DataSet, people: readonly [Person, Person]): Promise<Measured> {
  const files: [string[], string[]] = [[], []];
  await forEach([...set.documents.entries()], 4, async ([at, { name, content }]) => {
    const side = at % 2 === 0 ? 0 : 1;
    const fileId = await people[side].upload(name, content);
    await people[side].settled(fileId, 900_000);
    files[side].push(fileId);
  });
  let leaks = 0;
  const finds: number[] = [];
  await forEach([...Array(probes).keys()], 4, async (at) => {
    const side = at % 2 === 0 ? 0 : 1;
    const foreign = files[1 - side] as string[];
    const isNamed = at % 10 >= 8;
    const fileIds = isNamed ? [foreign[at % foreign.length]] : [];
    const found = await search(people[side], { query: queryOf(set, at), fileIds, limit: 100 });
    if (found.some(({ fileId }) => foreign.includes(fileId))) leaks++;
    if (!isNamed) finds.push(Number(found.length > 0));
  });
  return {
    "probes without another's passage": 1 - leaks / probes,
    "probes that find passages of one's own": mean(finds),
  };
}

/** A question of the set, or the beginning of a document. */
function queryOf({ queries, documents }: DataSet, at: number): string {
  const content = documents[(at >> 1) % documents.length]?.content;
  const text = at % 4 < 2 || typeof content !== "string" ? queries[at % queries.length]?.text : content;
  return (text ?? "").slice(0, 200);
}

/** Nothing where a file is asked for that is not there for them. */
async function search(person: Person, body: Json): Promise<Json[]> {
  const res = await person.fetch("/v1/search", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (res.status === 404 && body.fileIds.length > 0) return [];
  if (!res.ok) throw new Error(`${res.status}: ${await res.text()}`);
  return ((await res.json()) as Json).passages;
}
