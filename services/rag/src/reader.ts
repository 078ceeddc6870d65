import type { CallOptions, HandlerContext } from "@connectrpc/connect";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { DocumentPassage } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { forward, personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { listScope, type ScopeFile } from "./index-store.ts";

/** Under whose rights passages are found and read. */
export type Reader = {
  /** Aborted when nobody waits for what is read any more. */
  readonly signal: AbortSignal;
  /** The files a search begins with, as far as rag knows; of these only `fileIds`, if given and found readable before. */
  listScope(model: string, fileIds: readonly string[] | undefined): Promise<ScopeFile[]>;
  /** Of these files, those that may be read right now, by the word of files itself. */
  listReadable(fileIds: readonly string[]): Promise<File[]>;
  /** Call options for ingest, which knows services only. */
  toIngest(): Promise<CallOptions>;
};

const stepTimeoutMs = 10_000;

/** Reads as the person who calls, within the time of their call. */
export function readAsCaller(
  { clients, database }: Pick<Context, "clients" | "database">,
  call: HandlerContext,
): Reader {
  const { userId } = personOf(call);
  return {
    signal: call.signal,
    listScope: (model, fileIds) => listScope(database.db, userId, model, fileIds),
    async listReadable(fileIds) {
      const asked = { fileIds: [...fileIds] };
      return (await clients.of(FileInternalService).batchGetReadableFiles(asked, forward(call))).files;
    },
    toIngest: () => {
      const { timeoutMs = stepTimeoutMs } = forward(call);
      return clients.asService("ingest", { signal: call.signal, timeoutMs });
    },
  };
}

/** Adds those of these files that the reader may read right now. */
export async function checkReadable(
  reader: Reader,
  fileIds: ReadonlySet<string>,
  readable: Map<string, File>,
): Promise<void> {
  if (fileIds.size === 0) return;
  for (const file of await reader.listReadable([...fileIds])) readable.set(file.id, file);
}

/** Passages by id, as far as they are still there. Only for files that have been checked. */
export async function fetchPassages(
  { clients }: Pick<Context, "clients">,
  reader: Reader,
  passageIds: readonly string[],
): Promise<Map<string, DocumentPassage>> {
  if (passageIds.length === 0) return new Map();
  const { passages } = await clients
    .of(IngestInternalService)
    .batchGetPassages({ passageIds: [...new Set(passageIds)] }, await reader.toIngest());
  return new Map(passages.flatMap(({ passage }) => (passage ? [[passage.id, passage] as const] : [])));
}
