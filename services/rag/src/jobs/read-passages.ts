import { Code, ConnectError } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { maxPassages, type PassageText } from "@lyceum/text";
import type { Context } from "../context.ts";
import type { EntryRow } from "../index-store.ts";

/** A passage to index, with the id it is fetched by later. */
export type IndexedPassage = PassageText & { readonly id: string };

/**
 * All passages of the entry's revision, each under the file's name and its headings; undefined once it was replaced or purged,
 * of which another event tells.
 */
export async function readPassages(
  ctx: Pick<Context, "clients">,
  entry: EntryRow,
  signal: AbortSignal,
): Promise<IndexedPassage[] | undefined> {
  try {
    return await fetchPassages(ctx, entry, signal);
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}

async function fetchPassages(
  { clients }: Pick<Context, "clients">,
  { fileId, ownerId, revision }: EntryRow,
  signal: AbortSignal,
): Promise<IndexedPassage[]> {
  const name = await readName(clients, fileId, ownerId, signal);
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
async function readName(
  clients: Context["clients"],
  fileId: string,
  ownerId: string,
  signal: AbortSignal,
): Promise<string> {
  const options = await clients.asService("files", { signal, onBehalfOf: ownerId, timeoutMs: 10_000 });
  const { files } = await clients.of(FileInternalService).batchGetReadableFiles({ fileIds: [fileId] }, options);
  return files[0]?.name ?? "";
}
