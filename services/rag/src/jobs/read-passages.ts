import { createHash } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { maxPassages, type PassageText } from "@lyceum/text";
import type { Context } from "../context.ts";
import type { EntryRow } from "../index-store.ts";

/** A passage to index, with the id it is fetched by later. */
export type IndexedPassage = PassageText & { readonly id: string };

/** What is indexed of a file: all passages of a revision, each under the file's name and its headings. */
export type IndexedText = { readonly passages: readonly IndexedPassage[]; readonly nameHash: string };

/** What is to be indexed of the entry; undefined once its revision was replaced or purged, of which another event tells. */
export async function readText(
  ctx: Pick<Context, "clients">,
  entry: EntryRow,
  signal: AbortSignal,
): Promise<IndexedText | undefined> {
  try {
    const name = await readName(ctx, entry, signal);
    return { passages: await fetchPassages(ctx, entry, name, signal), nameHash: hashName(name) };
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

async function fetchPassages(
  { clients }: Pick<Context, "clients">,
  { fileId, revision }: EntryRow,
  name: string,
  signal: AbortSignal,
): Promise<IndexedPassage[]> {
  const passages: IndexedPassage[] = [];
  const request = { fileId, revision: BigInt(revision) };
  const options = await clients.asService("ingest", { signal, timeoutMs: 120_000 });
  for await (const batch of clients.of(IngestInternalService).streamPassages(request, options)) {
    for (const { id, text, locator } of batch.passages) {
      passages.push({ id, text, heading: [name, ...(locator?.headingPath ?? [])].join("\n") });
    }
  }
  return passages.slice(0, maxPassages);
}

/** The file's name as its owner sees it now; empty if it is no longer there. */
export async function readName(
  { clients }: Pick<Context, "clients">,
  { fileId, ownerId }: EntryRow,
  signal: AbortSignal,
): Promise<string> {
  const options = await clients.asService("files", { signal, onBehalfOf: ownerId, timeoutMs: 10_000 });
  const { files } = await clients.of(FileInternalService).batchGetReadableFiles({ fileIds: [fileId] }, options);
  return files[0]?.name ?? "";
}

/** What a name is recognized by without being kept. */
export function hashName(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}
