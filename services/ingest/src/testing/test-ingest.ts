import { createHash, randomUUID } from "node:crypto";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Client, Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { Fact } from "@lyceum/gen/events/event-type.ts";
import { fileDeleted } from "@lyceum/gen/events/lyceum/files/v1/file_deleted.ts";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { fileRestored } from "@lyceum/gen/events/lyceum/files/v1/file_restored.ts";
import { fileUploaded } from "@lyceum/gen/events/lyceum/files/v1/file_uploaded.ts";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { type Document, DocumentState } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { IngestService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
import { callerOf, defineService, personOf } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { z } from "zod";
import { createIngestService, type IngestOptions } from "../service.ts";

/** A file that ingest's neighbour keeps. */
export type TestFile = {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly readers: Set<string>;
  version: number;
  trashed: boolean;
  /** True once its bytes are lost. */
  isLost?: boolean;
};

/** Ingest beside files and rag whose behaviour the test decides. */
export type TestIngest = AsyncDisposable & {
  readonly process: TestProcess;
  /** The ids of the files whose bytes were asked for. */
  readonly reads: readonly string[];
  /** While true, files cannot be reached. */
  filesDown: boolean;
  /** While true, files takes no person's token any more. */
  tokensEnded: boolean;
  /** Keeps a file without telling ingest. */
  keep(ownerId: string, name: string, mediaType: string, content: Uint8Array | string): TestFile;
  /** Tells ingest about a kept file. */
  announce(file: TestFile): Promise<void>;
  /** Keeps a file and tells ingest. */
  upload(ownerId: string, name: string, mediaType: string, content: Uint8Array | string): Promise<TestFile>;
  trash(file: TestFile): Promise<void>;
  restore(file: TestFile): Promise<void>;
  purge(file: TestFile): Promise<void>;
  /** Publishes what a neighbour says. */
  publish<T>(fact: Fact<T>): Promise<void>;
  /** Waits until ingest has heard all that was published. */
  heardAll(): Promise<void>;
  as(userId: string): Client<typeof IngestService>;
  /** The internal RPCs, and call options with rag's token. */
  asRag(): Promise<{ client: Client<typeof IngestInternalService>; options: CallOptions }>;
  /** The document once it is neither QUEUED nor PARSING. */
  settled(file: TestFile, timeoutMs?: number): Promise<Document>;
};

const ragStub = defineService({ name: "rag", rpcs: [], publishes: [], config: z.object({}), open: async () => ({}) });

/** Starts ingest on a database of its own. */
export async function startIngest(options: IngestOptions = {}): Promise<TestIngest> {
  const files = new Map<string, TestFile>();
  const reads: string[] = [];
  const state = { filesDown: false, tokensEnded: false };
  const process = await startServices([createIngestService(options), ragStub], {
    neighbours: (router) => fakeFiles(router, files, reads, state),
  });
  let told = 0;
  const publish: TestIngest["publish"] = (fact) => {
    told++;
    return process.publish(fact);
  };
  const keep: TestIngest["keep"] = (ownerId, name, mediaType, content) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const id = randomUUID();
    const file = {
      id,
      ownerId,
      name,
      mediaType,
      content: bytes,
      readers: new Set<string>(),
      version: 1,
      trashed: false,
    };
    files.set(id, file);
    return file;
  };
  const announce: TestIngest["announce"] = ({ id, ownerId, mediaType, content, version }) =>
    publish(
      fileUploaded({ fileId: id, ownerId, mediaType, sizeBytes: content.length, sha256: sha256(content), version }),
    );
  const as = (userId: string) => process.client(IngestService, { person: { userId } });
  return {
    process,
    reads,
    get filesDown() {
      return state.filesDown;
    },
    set filesDown(down) {
      state.filesDown = down;
    },
    get tokensEnded() {
      return state.tokensEnded;
    },
    set tokensEnded(ended) {
      state.tokensEnded = ended;
    },
    keep,
    announce,
    upload: async (...file) => {
      const kept = keep(...file);
      await announce(kept);
      return kept;
    },
    trash: async (file) => {
      file.trashed = true;
      file.version++;
      await publish(fileDeleted({ fileId: file.id, ownerId: file.ownerId, version: file.version }));
    },
    restore: async (file) => {
      file.trashed = false;
      file.version++;
      await publish(fileRestored({ fileId: file.id, ownerId: file.ownerId, version: file.version }));
    },
    purge: async (file) => {
      files.delete(file.id);
      file.version++;
      await publish(filePurged({ fileId: file.id, ownerId: file.ownerId, version: file.version }));
    },
    publish,
    heardAll: () =>
      process.eventually(async () => {
        const [row] = await process.host("ingest").database.sql`select count(*)::int as heard from event_inbox`;
        if (row?.heard < told) throw new Error("Not all is heard.");
      }),
    as,
    asRag: async () => {
      const { clients } = process.host("rag");
      return { client: clients.of(IngestInternalService), options: await clients.asService("ingest") };
    },
    settled: async ({ id, ownerId }, timeoutMs = 20_000) => {
      let settled: Document | undefined;
      const unsettled: readonly DocumentState[] = [DocumentState.QUEUED, DocumentState.PARSING];
      await process.eventually(
        async () => {
          settled = (await as(ownerId).getDocument({ fileId: id })).document;
          if (!settled || unsettled.includes(settled.state)) throw new Error(`Still ${settled?.stage}.`);
        },
        { timeoutMs },
      );
      return settled as Document;
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

function fakeFiles(
  router: ConnectRouter,
  files: ReadonlyMap<string, TestFile>,
  reads: string[],
  state: { filesDown: boolean; tokensEnded: boolean },
): void {
  const checkUp = () => {
    if (state.filesDown) throw new ConnectError("files is down", Code.Unavailable);
  };
  router.service(FileInternalService, {
    batchGetReadableFiles({ fileIds, includeTrashed }, call) {
      checkUp();
      const caller = callerOf(call);
      if (state.tokensEnded && caller.kind === "person") throw new ConnectError("expired", Code.Unauthenticated);
      const userId = (caller.kind === "service" && caller.onBehalfOf) || personOf(call).userId;
      const mayRead = (file: TestFile) =>
        file.trashed ? includeTrashed && file.ownerId === userId : file.ownerId === userId || file.readers.has(userId);
      const found = fileIds.map((id) => files.get(id)).filter((file) => file !== undefined);
      return { files: found.filter(mayRead).map(toMessage) };
    },
    async *readContent({ fileId }) {
      checkUp();
      reads.push(fileId);
      if (files.get(fileId)?.isLost) throw new ConnectError("the bytes are gone", Code.DataLoss);
      const content = files.get(fileId)?.content;
      if (!content) throw new ConnectError("no such file", Code.NotFound);
      for (let at = 0; at < content.length; at += 2 ** 20) yield { chunk: content.subarray(at, at + 2 ** 20) };
    },
  });
}

function toMessage({ id, name, mediaType, content, ownerId }: TestFile) {
  const createTime = timestampFromDate(new Date());
  return { id, name, mediaType, sizeBytes: BigInt(content.length), sha256: sha256(content), ownerId, createTime };
}

const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
