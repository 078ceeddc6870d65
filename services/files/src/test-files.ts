import { randomUUID } from "node:crypto";
import type { Client, ConnectRouter } from "@connectrpc/connect";
import {
  FileInternalService,
  type ReadContentResponse,
} from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { defineService, type Host, type ServiceName } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { openBlobStore } from "./blobs/index.ts";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { createFilesService, type FilesOptions } from "./service.ts";
import { openSigner } from "./signer.ts";

/** A person who uses files in a test. */
export type TestPerson = {
  readonly userId: string;
  readonly principal: string;
  readonly files: Client<typeof FileService>;
  readonly internal: Client<typeof FileInternalService>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads text, or bytes, and answers the new file's id. */
  upload(name: string, body?: BodyInit): Promise<string>;
  /** Gives another person a right to a file and answers the grant's id. */
  share(fileId: string, to: { principal: string }, role?: GrantRole): Promise<string>;
};

/** A room that people of a test belong to. */
export type TestRoom = { readonly roomId: string; readonly principal: string };

/** The files service under test. */
export type TestFiles = AsyncDisposable & {
  readonly process: TestProcess;
  /** What the service was given when it opened. */
  readonly host: Host;
  /** Someone with an account and nothing else. */
  newPerson(): TestPerson;
  /** Calls files as ingest does. */
  readContent(fileId: string): Promise<AsyncIterable<ReadContentResponse>>;
  /** Says, as chat, who belongs to a room or no longer does. */
  applyMembers(roomId: string, changes: { person: TestPerson; member: boolean; version: number }[]): Promise<void>;
  /** Says, as chat, that a room is gone. */
  deleteRoom(roomId: string, version: number): Promise<void>;
  /** Asks, as rag, which of these files a whole room may read; sorted. */
  listRoomReadable(roomId: string, fileIds: string[]): Promise<string[]>;
  /** A new room of these people. */
  newRoom(...people: TestPerson[]): Promise<TestRoom>;
};

/** Starts files beside an identity that knows exactly the people made here, and services that only call it. */
export async function startFiles(options?: FilesOptions, env: Record<string, string> = {}): Promise<TestFiles> {
  const known = new Set<string>();
  const neighbours = (router: ConnectRouter) =>
    router.service(IdentityInternalService, {
      batchGetUsers: ({ userIds }) => ({ users: userIds.filter((id) => known.has(id)).map((id) => ({ id })) }),
    });
  const callers = (["ingest", "chat", "rag"] as const).map((name) =>
    defineService({ name, rpcs: [], publishes: [], config, open: async () => ({}) }),
  );
  const process = await startServices([createFilesService(options), ...callers], { neighbours, env });
  const callAs = async (name: ServiceName) => {
    const { clients } = process.host(name);
    return { internal: clients.of(FileInternalService), options: await clients.asService("files") };
  };
  const applyMembers: TestFiles["applyMembers"] = async (roomId, changes) => {
    const { internal, options } = await callAs("chat");
    const members = changes.map(({ person, ...change }) => ({
      ...change,
      userId: person.userId,
      version: BigInt(change.version),
    }));
    await internal.applyRoomMembers({ roomId, changes: members }, options);
  };
  return {
    process,
    applyMembers,
    host: process.host("files"),
    newPerson() {
      const userId = randomUUID();
      known.add(userId);
      return createPerson(process, userId);
    },
    async readContent(fileId) {
      const { internal, options } = await callAs("ingest");
      return internal.readContent({ fileId }, options);
    },
    async deleteRoom(roomId, version) {
      const { internal, options } = await callAs("chat");
      await internal.applyRoomMembers({ roomId, deleted: true, deletedVersion: BigInt(version) }, options);
    },
    async listRoomReadable(roomId, fileIds) {
      const { internal, options } = await callAs("rag");
      const { files } = await internal.batchGetRoomReadableFiles({ roomId, fileIds }, options);
      return files.map(({ id }) => id).sort();
    },
    async newRoom(...people) {
      const roomId = randomUUID();
      await applyMembers(
        roomId,
        people.map((person, at) => ({ person, member: true, version: at + 1 })),
      );
      return { roomId, principal: `room:${roomId}` };
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** What files works with beside the service under test, as another process of it would, with bytes of its own. */
export async function openTestContext(
  { host }: TestFiles,
  home: string,
  limits: Partial<Context> = {},
): Promise<Context> {
  const { database, events, clients, jobs, publicUrl } = host;
  const [blobs, signer] = await Promise.all([openBlobStore(home), openSigner(database.db)]);
  const rooms = { areKnown: () => true };
  return {
    database,
    events,
    clients,
    jobs,
    publicUrl,
    blobs,
    signer,
    rooms,
    quotaBytes: 1e9,
    trashDays: 30,
    ...limits,
  };
}

function createPerson(process: TestProcess, userId: string): TestPerson {
  const person = { userId };
  const files = process.client(FileService, { person });
  const fetch = (path: string, init: RequestInit = {}) => process.fetch(path, { ...init, person });
  return {
    userId,
    principal: `user:${userId}`,
    files,
    internal: process.client(FileInternalService, { person }),
    fetch,
    async upload(name, body = "hello") {
      const res = await fetch(`/v1/files?name=${encodeURIComponent(name)}`, { method: "POST", body });
      if (res.status !== 201) throw new Error(`${res.status}: ${await res.text()}`);
      return ((await res.json()) as { file: { id: string } }).file.id;
    },
    async share(fileId, { principal }, role = GrantRole.READER) {
      const { grant } = await files.grantAccess({ fileId, principal, role });
      return grant?.id ?? "";
    },
  };
}
