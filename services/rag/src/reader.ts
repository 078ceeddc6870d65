import { type CallOptions, Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { DocumentPassage } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { forward, personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { roomNotFound } from "./errors.ts";
import { inBatches } from "./in-batches.ts";
import { listRoomScope, listScope, type ScopeFile } from "./scope-store.ts";

/** Under whose rights passages are found and read. */
export type Reader = {
  readonly userId: string;
  /** Aborted when nobody waits for what is read any more. */
  readonly signal: AbortSignal;
  /** The files a search begins with, as far as rag knows. */
  listScope(model: string): Promise<ScopeFile[]>;
  /** Of these files, those that may be read right now, by the word of files itself. */
  listReadable(fileIds: readonly string[]): Promise<File[]>;
  /** Call options for ingest, which knows services only. */
  toIngest(): Promise<CallOptions>;
};

/** What a reader works with. */
type Sources = Pick<Context, "clients" | "database">;

/** For whom a reader reads, and for how long. */
type Asker = { readonly userId: string; readonly signal: AbortSignal; readonly timeoutMs?: number | undefined };

const stepTimeoutMs = 10_000;
/** What files and ingest take at once. */
const maxIds = 250;

/** The rights of a call: its caller's or, with `roomId`, those that everybody in that room of theirs has. */
export async function readerOf(ctx: Sources, call: HandlerContext, roomId: string): Promise<Reader> {
  if (!roomId) return readAsCaller(ctx, call);
  return readFor(ctx, { userId: personOf(call).userId, signal: call.signal, timeoutMs: call.timeoutMs() }, roomId);
}

/** The rights of the person who calls, as their own token tells. */
export function readAsCaller({ clients, database }: Sources, call: HandlerContext): Reader {
  const { userId } = personOf(call);
  return {
    userId,
    signal: call.signal,
    listScope: (model) => listScope(database.db, userId, model),
    async listReadable(fileIds) {
      const asked = { fileIds: [...fileIds] };
      return (await clients.of(FileInternalService).batchGetReadableFiles(asked, forward(call))).files;
    },
    toIngest: () => clients.asService("ingest", limitsOf({ signal: call.signal, timeoutMs: call.timeoutMs() })),
  };
}

/**
 * The rights of a person who need not be there any more, such as for an answer that outlives its call; with `roomId`, those
 * that everybody in that room has. Throws `not_found` unless the person belongs to it now.
 */
export async function readFor(ctx: Sources, asker: Asker, roomId: string): Promise<Reader> {
  const { clients, database } = ctx;
  const { userId, signal } = asker;
  const toIngest = () => clients.asService("ingest", limitsOf(asker));
  const files = clients.of(FileInternalService);
  if (!roomId) {
    return {
      userId: asker.userId,
      signal,
      listScope: (model) => listScope(database.db, userId, model),
      async listReadable(fileIds) {
        const options = await clients.asService("files", { ...limitsOf(asker), onBehalfOf: userId });
        return (await files.batchGetReadableFiles({ fileIds: [...fileIds] }, options)).files;
      },
      toIngest,
    };
  }
  const memberIds = await listMembers(clients, roomId, asker);
  if (!memberIds.includes(userId)) throw roomNotFound();
  return {
    userId,
    signal,
    listScope: (model) => listRoomScope(database.db, { roomId, memberIds, askerId: userId }, model),
    async listReadable(fileIds) {
      const options = await clients.asService("files", limitsOf(asker));
      return (await files.batchGetRoomReadableFiles({ roomId, fileIds: [...fileIds] }, options)).files;
    },
    toIngest,
  };
}

/** Who belongs to a room now, by the word of chat itself; nobody if there is no such room. */
export async function listMembers(
  clients: Context["clients"],
  roomId: string,
  asker: Pick<Asker, "signal" | "timeoutMs">,
): Promise<readonly string[]> {
  try {
    const options = await clients.asService("chat", limitsOf(asker));
    return (await clients.of(ChatInternalService).listRoomMemberIds({ roomId }, options)).userIds;
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) return [];
    throw error;
  }
}

const limitsOf = ({ signal, timeoutMs }: Pick<Asker, "signal" | "timeoutMs">) => ({
  signal,
  timeoutMs: timeoutMs === undefined ? stepTimeoutMs : Math.max(1, Math.floor(timeoutMs)),
});

/** Adds those of these files that the reader may read right now. */
export async function checkReadable(
  reader: Reader,
  fileIds: ReadonlySet<string>,
  readable: Map<string, File>,
): Promise<void> {
  if (fileIds.size === 0) return;
  const found = await inBatches([...fileIds], maxIds, (batch) => reader.listReadable(batch));
  for (const file of found) readable.set(file.id, file);
}

/** Passages by id, as far as they are still there. Only for files that have been checked. */
export async function fetchPassages(
  { clients }: Pick<Context, "clients">,
  reader: Reader,
  passageIds: readonly string[],
): Promise<Map<string, DocumentPassage>> {
  if (passageIds.length === 0) return new Map();
  const options = await reader.toIngest();
  const ingest = clients.of(IngestInternalService);
  const passages = await inBatches(
    [...new Set(passageIds)],
    maxIds,
    async (batch) => (await ingest.batchGetPassages({ passageIds: [...batch] }, options)).passages,
  );
  return new Map(passages.flatMap(({ passage }) => (passage ? [[passage.id, passage] as const] : [])));
}
