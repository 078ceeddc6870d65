import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { forward, personOf } from "@lyceum/service";
import { findQuote, type Source } from "./citation.ts";
import type { Context } from "./context.ts";
import type { Entry } from "./entry.ts";

type Reader = {
  readonly onBehalfOf?: string;
  readonly signal?: AbortSignal;
  readonly listReadable: (fileIds: string[]) => Promise<readonly File[]>;
};

/** How many ids files and ingest take at once. */
const maxAsked = 250;
const timeoutMs = 5_000;

/** Adds to messages the quotes that the caller may read now; none while files or ingest cannot be asked. */
export function showSources(
  ctx: Pick<Context, "clients">,
  entries: readonly Entry[],
  call: HandlerContext,
): Promise<readonly Entry[]> {
  const files = ctx.clients.of(FileInternalService);
  return addSources(ctx, entries, {
    onBehalfOf: personOf(call).userId,
    signal: call.signal,
    listReadable: async (fileIds) =>
      (await files.batchGetReadableFiles({ fileIds }, { timeoutMs, ...forward(call) })).files,
  });
}

/** Adds to messages the quotes that every member of their room may read now. */
export function showRoomSources(
  ctx: Pick<Context, "clients">,
  roomId: string,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  const files = ctx.clients.of(FileInternalService);
  return addSources(ctx, entries, {
    listReadable: async (fileIds) => {
      const options = await ctx.clients.asService("files", { timeoutMs });
      return (await files.batchGetRoomReadableFiles({ roomId, fileIds }, options)).files;
    },
  });
}

async function addSources(
  ctx: Pick<Context, "clients">,
  entries: readonly Entry[],
  reader: Reader,
): Promise<readonly Entry[]> {
  const citations = entries.flatMap(({ row }) => row.citations);
  if (citations.length === 0) return entries;
  try {
    const names = await readNames(reader, [...new Set(citations.map(({ fileId }) => fileId))]);
    const readable = citations.filter(({ fileId }) => names.has(fileId));
    const passages = await readPassages(ctx, reader, [...new Set(readable.map(({ passageId }) => passageId))]);
    return entries.map((entry) => ({ ...entry, sources: sourcesOf(entry, names, passages) }));
  } catch (error) {
    if (!isAway(error)) throw error;
    return entries;
  }
}

async function readNames({ listReadable }: Reader, fileIds: readonly string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (let from = 0; from < fileIds.length; from += maxAsked) {
    for (const { id, name } of await listReadable(fileIds.slice(from, from + maxAsked))) names.set(id, name);
  }
  return names;
}

type Passage = { readonly text: string; readonly charStart: number };

async function readPassages(
  { clients }: Pick<Context, "clients">,
  { onBehalfOf, signal }: Reader,
  passageIds: readonly string[],
): Promise<Map<string, Passage>> {
  const passages = new Map<string, Passage>();
  for (let from = 0; from < passageIds.length; from += maxAsked) {
    const options = await clients.asService("ingest", {
      timeoutMs,
      ...(signal && { signal }),
      ...(onBehalfOf && { onBehalfOf }),
    });
    const asked = { passageIds: passageIds.slice(from, from + maxAsked) };
    const found = await clients.of(IngestInternalService).batchGetPassages(asked, options);
    for (const { passage } of found.passages) {
      if (passage) passages.set(passage.id, { text: passage.text, charStart: passage.locator?.charStart ?? 0 });
    }
  }
  return passages;
}

function sourcesOf(
  { row }: Entry,
  names: ReadonlyMap<string, string>,
  passages: ReadonlyMap<string, Passage>,
): ReadonlyMap<number, Source> {
  const sources = new Map<number, Source>();
  for (const citation of row.citations) {
    const fileName = names.get(citation.fileId);
    const passage = passages.get(citation.passageId);
    if (fileName === undefined) continue;
    sources.set(citation.number, { fileName, quote: (passage && findQuote(citation, passage)) ?? "" });
  }
  return sources;
}

/** True if whoever was asked cannot be reached now: the messages are worth showing without. */
function isAway(error: unknown): boolean {
  return [Code.Unavailable, Code.DeadlineExceeded].includes(ConnectError.from(error).code);
}
