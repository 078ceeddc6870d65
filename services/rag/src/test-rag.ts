import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import { fileUpdated } from "@lyceum/gen/events/lyceum/files/v1/file_updated.ts";
import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import type { AskResponse } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { callerOf, newId } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { type Embedder, EmbedderUnavailableError } from "./embedder/embedder.ts";
import { createRagService } from "./service.ts";

/** A file as the test keeps it for the neighbours to tell of: its passages are verbatim pieces of one text. */
export type TestFile = {
  readonly id: string;
  readonly ownerId: string;
  name: string;
  passages: string[];
  revision: number;
  version: number;
  readers: Set<string>;
  trashed: boolean;
};

/** Rag beside a files and an ingest whose content the test decides. */
export type TestRag = AsyncDisposable & {
  readonly process: TestProcess;
  readonly files: Map<string, TestFile>;
  /** While false, the embedder cannot be reached. */
  embedderUp: boolean;
  /** Texts embedded in bulk so far. */
  readonly embedded: string[];
  /** Called before each batch of passages that ingest streams. */
  onStream: () => Promise<void>;
  as(userId: string): Client<typeof RagService>;
  /** Adds a file with these passages and waits until it is indexed. */
  add(ownerId: string, name: string, passages: string[], until?: "searchable" | "indexed"): Promise<TestFile>;
  /** Adds a file and tells of it, without waiting. */
  put(ownerId: string, name: string, passages: string[]): Promise<TestFile>;
  /** Reads the file anew with other passages. */
  reparse(file: TestFile, passages: string[]): Promise<void>;
  share(file: TestFile, userId: string): Promise<void>;
  /** Takes a right back in files; `tell` says whether the event goes out too. */
  revoke(file: TestFile, userId: string, options?: { tell: boolean }): Promise<void>;
  trash(file: TestFile, options?: { tell: boolean }): Promise<void>;
  restore(file: TestFile): Promise<void>;
  rename(file: TestFile, name: string): Promise<void>;
  purge(file: TestFile): Promise<void>;
  /** What rag has published about a file, by short name. */
  eventsOf(key: string): string[];
};

/** Starts rag alone, on a database of its own, with an embedder made of letters. */
export async function startRag(options: { openEmbedder?: () => Embedder } = {}): Promise<TestRag> {
  const files = new Map<string, TestFile>();
  const state = { embedderUp: true, onStream: async () => {} };
  const embedded: string[] = [];
  const startOf = (file: TestFile, ordinal: number) =>
    file.passages.slice(0, ordinal).reduce((sum, passage) => sum + passage.length + 2, 0);
  const passageOf = (file: TestFile, ordinal: number) => {
    const charStart = startOf(file, ordinal);
    const text = file.passages[ordinal] ?? "";
    const locator = { page: 1, charStart, charEnd: charStart + text.length, headingPath: [] };
    return { id: `${file.id}_${file.revision}_${ordinal}`, ordinal, text, locator };
  };
  const findPassage = (id: string) => {
    const [fileId = "", revision, ordinal] = id.split("_");
    const file = files.get(fileId);
    if (!file || file.revision !== Number(revision)) return undefined;
    return { file, passage: passageOf(file, Number(ordinal)) };
  };

  const process = await startServices(
    [createRagService({ openEmbedder: options.openEmbedder ?? createTestEmbedder })],
    {
      neighbours: (router) =>
        router
          .service(FileInternalService, {
            batchGetReadableFiles({ fileIds }, call) {
              const caller = callerOf(call);
              const userId = caller.kind === "person" ? caller.userId : caller.kind === "service" && caller.onBehalfOf;
              const readable = fileIds
                .map((id) => files.get(id))
                .filter((file) => file !== undefined)
                .filter((file) => !file.trashed && (file.ownerId === userId || file.readers.has(userId || "")));
              return { files: readable.map(({ id, name, ownerId }) => ({ id, name, ownerId })) };
            },
          })
          .service(IngestInternalService, {
            async *streamPassages({ fileId, revision }) {
              const file = files.get(fileId);
              if (!file || file.revision !== Number(revision)) throw new ConnectError("replaced", Code.NotFound);
              for (let first = 0; first < file.passages.length; first += 256) {
                await state.onStream();
                yield {
                  passages: file.passages.slice(first, first + 256).map((_, index) => passageOf(file, first + index)),
                };
              }
            },
            batchGetPassages: ({ passageIds }) => ({
              passages: passageIds.flatMap((id) => {
                const found = findPassage(id);
                return found ? [{ fileId: found.file.id, passage: found.passage }] : [];
              }),
            }),
            batchLocateQuotes: ({ quotes }) => ({
              quotes: quotes.flatMap((quote) => {
                const found = findPassage(quote.passageId);
                if (!found) return [];
                const { charStart, charEnd } = quote;
                const box = { page: 1, x: charStart / 1e6, y: 0, width: (charEnd - charStart) / 1e6, height: 0.01 };
                return [{ quote, locator: { page: 1, charStart, charEnd, boxes: [box], headingPath: [] } }];
              }),
            }),
          }),
    },
  );

  function createTestEmbedder(): Embedder {
    return {
      model: "letters",
      dimensions: 32,
      weight: 0.25,
      nearness: 0.99,
      canRead: () => true,
      async embed(texts, purpose, signal) {
        signal.throwIfAborted();
        if (!state.embedderUp) throw new EmbedderUnavailableError("down");
        if (purpose === "bulk") embedded.push(...texts);
        return texts.map(embedLetters);
      },
      async [Symbol.asyncDispose]() {},
    };
  }

  const eventsOf = (key: string) =>
    process
      .events()
      .filter((event) => event.key === key)
      .map(({ type }) => type.split(".").at(-1) ?? "");
  const tellParsed = (file: TestFile) =>
    process.publish(
      documentParsed({
        fileId: file.id,
        ownerId: file.ownerId,
        revision: file.revision,
        passageCount: file.passages.length,
        version: file.revision,
      }),
    );
  const put: TestRag["put"] = async (ownerId, name, passages) => {
    const id = newId();
    const file: TestFile = {
      id,
      ownerId,
      name,
      passages,
      revision: 1,
      version: 1,
      readers: new Set(),
      trashed: false,
    };
    files.set(id, file);
    await tellParsed(file);
    return file;
  };
  return {
    process,
    files,
    embedded,
    get embedderUp() {
      return state.embedderUp;
    },
    set embedderUp(up) {
      state.embedderUp = up;
    },
    get onStream() {
      return state.onStream;
    },
    set onStream(hook) {
      state.onStream = hook;
    },
    as: (userId) => process.client(RagService, { person: { userId } }),
    put,
    async add(ownerId, name, passages, until = "indexed") {
      const file = await put(ownerId, name, passages);
      const awaited = until === "indexed" ? "DocumentIndexed" : "DocumentSearchable";
      await process.eventually(() => {
        if (!eventsOf(file.id).includes(awaited)) throw new Error(`${name} is not ${until}`);
      });
      return file;
    },
    async reparse(file, passages) {
      file.passages = passages;
      file.revision += 1;
      const before = eventsOf(file.id).length;
      await tellParsed(file);
      await process.eventually(() => {
        if (eventsOf(file.id).length < before + 2) throw new Error("not indexed anew");
      });
    },
    async share(file, userId) {
      file.readers.add(userId);
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      const grant = { fileId, ownerId, grantId: `${fileId}-${userId}`, principal: `user:${userId}`, version };
      await process.publish(accessGranted({ ...grant, role: "READER" }));
    },
    async revoke(file, userId, { tell } = { tell: true }) {
      file.readers.delete(userId);
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      const grant = { fileId, ownerId, grantId: `${fileId}-${userId}`, principal: `user:${userId}`, version };
      if (tell) await process.publish(accessRevoked(grant));
    },
    async trash(file, { tell } = { tell: true }) {
      file.trashed = true;
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      if (tell) await process.publish(fileDeleted({ fileId, ownerId, version }));
    },
    async restore(file) {
      file.trashed = false;
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      await process.publish(fileRestored({ fileId, ownerId, version }));
    },
    async rename(file, name) {
      file.name = name;
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      await process.publish(fileUpdated({ fileId, ownerId, version }));
    },
    async purge(file) {
      files.delete(file.id);
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      await process.publish(filePurged({ fileId, ownerId, version }));
    },
    eventsOf,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** A vector that counts letters: alike for texts of the same words, quick, and the same every time. */
function embedLetters(text: string): Float32Array {
  const vector = new Float32Array(32).fill(0.01);
  for (const letter of text.toLowerCase()) {
    const at = letter.charCodeAt(0) % 32;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** What an Ask streamed, taken apart. */
export type Asked = {
  readonly order: string[];
  readonly text: string;
  readonly retrieved: Extract<AskResponse["event"], { case: "retrieved" }>["value"];
  readonly citations: Extract<AskResponse["event"], { case: "citation" }>["value"][];
  readonly done: Extract<AskResponse["event"], { case: "done" }>["value"];
};

/** Asks and reads the answer to its end. */
export async function readAnswer(
  client: Client<typeof RagService>,
  request: { question: string; conversationId?: string; fileIds?: string[] },
): Promise<Asked> {
  const order: string[] = [];
  const citations: Asked["citations"] = [];
  let text = "";
  let retrieved: Asked["retrieved"] | undefined;
  let done: Asked["done"] | undefined;
  for await (const { event } of client.ask(request)) {
    order.push(event.case ?? "");
    if (event.case === "retrieved") retrieved = event.value;
    if (event.case === "delta") text += event.value.text;
    if (event.case === "citation") citations.push(event.value);
    if (event.case === "done") done = event.value;
  }
  if (!retrieved || !done) throw new Error("An answer begins with retrieved and ends with done.");
  return { order, text, retrieved, citations, done };
}

/** The code a call failed with. */
export async function codeOf(call: Promise<unknown>): Promise<Code | undefined> {
  return call.then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason).code,
  );
}
