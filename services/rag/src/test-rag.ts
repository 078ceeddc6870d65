import { type Client, Code, ConnectError } from "@connectrpc/connect";
import type { Fact } from "@lyceum/gen/events/event-type.ts";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import { fileUpdated } from "@lyceum/gen/events/lyceum/files/v1/file_updated.ts";
import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import type { AskResponse } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { callerOf, newId } from "@lyceum/service";
import { freeDatabases, startServices, type TestProcess } from "@lyceum/testing";
import { type Embedder, EmbedderUnavailableError } from "./embedder/embedder.ts";
import { createRagService, type RagOptions } from "./service.ts";
import { createTestChat, type TestChat } from "./test-chat.ts";

/** A file as the test keeps it for the neighbours to tell of: its passages are verbatim pieces of one text. */
export type TestFile = {
  readonly id: string;
  readonly ownerId: string;
  name: string;
  passages: string[];
  revision: number;
  version: number;
  /** The ids of people, and principals such as `room:<id>`. */
  readers: Set<string>;
  trashed: boolean;
};

/** Rag beside a files, an ingest and a chat whose content the test decides. */
export type TestRag = AsyncDisposable & {
  readonly process: TestProcess;
  readonly files: Map<string, TestFile>;
  readonly chat: TestChat;
  /** While false, the embedder cannot be reached. */
  embedderUp: boolean;
  /** Texts embedded in bulk so far. */
  readonly embedded: string[];
  /** Called before each batch of passages that ingest streams. */
  onStream: () => Promise<void>;
  /** Called before ingest tells where quotes stand, which an answer asks for before it says anything. */
  onLocate: () => Promise<void>;
  /** Starts a second process on the same databases, beside the same neighbours; its embedder may be another. */
  replicate(model?: string): Promise<TestProcess>;
  as(userId: string): Client<typeof RagService>;
  /** Publishes a fact that rag handles. */
  publish<T>(fact: Fact<T>): Promise<void>;
  /** Resolves when rag has handled all that was told. */
  settled(): Promise<void>;
  /** Adds a file with these passages and waits until it is indexed. */
  add(ownerId: string, name: string, passages: string[], until?: "searchable" | "indexed"): Promise<TestFile>;
  /** Adds a file and tells of it, without waiting. */
  put(ownerId: string, name: string, passages: string[]): Promise<TestFile>;
  /** Reads the file anew with other passages. */
  reparse(file: TestFile, passages: string[]): Promise<void>;
  share(file: TestFile, userId: string): Promise<void>;
  shareWithRoom(file: TestFile, roomId: string): Promise<void>;
  /** Lets people into a room, which it makes first. */
  join(roomId: string, ...userIds: string[]): Promise<void>;
  /** Removes a person from a room; `tell` says whether the event goes out too. */
  leave(roomId: string, userId: string, options?: { tell: boolean }): Promise<void>;
  deleteRoom(roomId: string): Promise<void>;
  /** Takes a right back in files; `tell` says whether the event goes out too. */
  revoke(file: TestFile, userId: string, options?: { tell: boolean }): Promise<void>;
  trash(file: TestFile, options?: { tell: boolean }): Promise<void>;
  restore(file: TestFile): Promise<void>;
  rename(file: TestFile, name: string): Promise<void>;
  purge(file: TestFile): Promise<void>;
  /** What rag has published about a file, by short name. */
  eventsOf(key: string): string[];
};

/** Starts rag alone, on a database of its own, with an embedder made of letters; `variables` are rag's own. */
export async function startRag(
  options: RagOptions = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<TestRag> {
  const files = new Map<string, TestFile>();
  const state = { embedderUp: true, onStream: async () => {}, onLocate: async () => {} };
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

  let told = 0;
  const publish: TestRag["publish"] = async (fact) => {
    told += 1;
    await process.publish(fact);
  };
  const chat = createTestChat(publish);
  const { rooms } = chat;
  const canRead = (file: TestFile, userId: string) =>
    file.ownerId === userId ||
    file.readers.has(userId) ||
    [...rooms].some(([id, { members }]) => members.has(userId) && file.readers.has(`room:${id}`));
  const listFiles = (fileIds: readonly string[], isReadable: (file: TestFile) => boolean) =>
    fileIds
      .flatMap((id) => files.get(id) ?? [])
      .filter((file) => !file.trashed && isReadable(file))
      .map(({ id, name, ownerId }) => ({ id, name, ownerId }));

  const locate = (quote: { passageId: string; charStart: number; charEnd: number }) => {
    if (!findPassage(quote.passageId)) return [];
    const { charStart, charEnd } = quote;
    const box = { page: 1, x: charStart / 1e6, y: 0, width: (charEnd - charStart) / 1e6, height: 0.01 };
    return [{ quote, locator: { page: 1, charStart, charEnd, boxes: [box], headingPath: [] } }];
  };
  const databases = await freeDatabases([createRagService()]);
  const start = (model = "letters") =>
    startServices([createRagService({ openEmbedder: () => createTestEmbedder(model), ...options })], {
      env: { ...databases, ...variables },
      neighbours: (router) =>
        router
          .service(FileInternalService, {
            batchGetReadableFiles({ fileIds }, call) {
              const caller = callerOf(call);
              const userId = caller.kind === "person" ? caller.userId : caller.kind === "service" && caller.onBehalfOf;
              return { files: listFiles(fileIds, (file) => canRead(file, userId || "")) };
            },
            batchGetRoomReadableFiles: ({ roomId, fileIds }) => {
              const members = [...(rooms.get(roomId)?.members ?? [])];
              const canAllRead = (file: TestFile) =>
                file.readers.has(`room:${roomId}`) ||
                members.every((userId) => file.ownerId === userId || file.readers.has(userId));
              return { files: listFiles(fileIds, (file) => members.length > 0 && canAllRead(file)) };
            },
          })
          .service(ChatInternalService, chat.service)
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
            batchLocateQuotes: async ({ quotes }) => {
              await state.onLocate();
              return { quotes: quotes.flatMap(locate) };
            },
          }),
    });

  const process = await start();

  function createTestEmbedder(model: string): Embedder {
    return {
      model,
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
  const grantTo = async (file: TestFile, principal: string) => {
    file.version += 1;
    const { id: fileId, ownerId, version } = file;
    const grant = { fileId, ownerId, grantId: `${fileId}-${principal}`, principal, version };
    await publish(accessGranted({ ...grant, role: "READER" }));
  };
  const tellParsed = (file: TestFile) =>
    publish(
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
    chat,
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
    get onLocate() {
      return state.onLocate;
    },
    set onLocate(hook) {
      state.onLocate = hook;
    },
    replicate: start,
    publish,
    settled: () =>
      process.eventually(async () => {
        const [row] = await process.host("rag").database.sql`select count(*)::int as handled from event_inbox`;
        if (row?.handled < told) throw new Error("not all is handled");
      }),
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
      await grantTo(file, `user:${userId}`);
    },
    async shareWithRoom(file, roomId) {
      file.readers.add(`room:${roomId}`);
      await grantTo(file, `room:${roomId}`);
    },
    async join(roomId, ...userIds) {
      const room = rooms.get(roomId) ?? { members: new Set(), change: 0 };
      rooms.set(roomId, room);
      for (const userId of userIds) {
        room.members.add(userId);
        room.change += 1;
        await publish(roomMemberAdded({ roomId, userId, role: "MEMBER", version: room.change }));
      }
    },
    async leave(roomId, userId, { tell } = { tell: true }) {
      const room = rooms.get(roomId) ?? { members: new Set(), change: 0 };
      room.members.delete(userId);
      room.change += 1;
      if (tell) await publish(roomMemberRemoved({ roomId, userId, version: room.change }));
    },
    async deleteRoom(roomId) {
      const version = (rooms.get(roomId)?.change ?? 0) + 1;
      rooms.delete(roomId);
      await publish(roomDeleted({ roomId, version }));
    },
    async revoke(file, userId, { tell } = { tell: true }) {
      file.readers.delete(userId);
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      const grant = { fileId, ownerId, grantId: `${fileId}-${userId}`, principal: `user:${userId}`, version };
      if (tell) await publish(accessRevoked(grant));
    },
    async trash(file, { tell } = { tell: true }) {
      file.trashed = true;
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      if (tell) await publish(fileDeleted({ fileId, ownerId, version }));
    },
    async restore(file) {
      file.trashed = false;
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      await publish(fileRestored({ fileId, ownerId, version }));
    },
    async rename(file, name) {
      file.name = name;
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      await publish(fileUpdated({ fileId, ownerId, version }));
    },
    async purge(file) {
      files.delete(file.id);
      file.version += 1;
      const { id: fileId, ownerId, version } = file;
      await publish(filePurged({ fileId, ownerId, version }));
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
export function readAnswer(
  client: Client<typeof RagService>,
  request: Parameters<Client<typeof RagService>["ask"]>[0],
): Promise<Asked> {
  return readPieces(client.ask(request));
}

/** Reads the pieces of an answer to their end. */
export async function readPieces(pieces: AsyncIterable<Pick<AskResponse, "event">>): Promise<Asked> {
  const order: string[] = [];
  const citations: Asked["citations"] = [];
  let text = "";
  let retrieved: Asked["retrieved"] | undefined;
  let done: Asked["done"] | undefined;
  for await (const { event } of pieces) {
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
