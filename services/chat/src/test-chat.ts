import { randomUUID } from "node:crypto";
import { type CallOptions, type Client, Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { ChatService, type SubscribeResponse } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import type { Message } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import {
  type ApplyRoomMembersRequest,
  FileInternalService,
  type GrantRoomAccessRequest,
} from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import type { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { defineService } from "@lyceum/service";
import { startServices, type TestProcess } from "@lyceum/testing";
import { config } from "./config.ts";
import { chatService } from "./service.ts";
import { follow, type TestFollower } from "./test-follower.ts";

/** What stands around chat in a test; the test decides what it knows and whether it can be reached. */
export type TestWorld = {
  /** Display names by account id. */
  readonly names: Map<string, string>;
  /** Account ids of those who have blocked, and whom. */
  readonly blocks: { readonly userId: string; readonly blockedId: string }[];
  /** Whom people let know that they are there, by account id. */
  readonly audiences: Map<string, PresenceAudience>;
  /** Files by id: their names, who may read them, and whether their readers may share them. */
  readonly files: Map<string, { name: string; readers: Set<string>; shareable: boolean }>;
  /** Passages by id. */
  readonly passages: Map<string, { fileId: string; text: string; charStart: number }>;
  readonly applied: ApplyRoomMembersRequest[];
  readonly granted: GrantRoomAccessRequest[];
  /** How often profile was asked for names. */
  asked: number;
  filesDown: boolean;
  ingestDown: boolean;
  profileDown: boolean;
};

/** A person who chats in a test. */
export type TestPerson = {
  readonly userId: string;
  readonly chat: Client<typeof ChatService>;
  /** Makes a group of this person and others and answers its id. */
  newRoom(...others: TestPerson[]): Promise<string>;
  /** Says something and answers the message. */
  say(
    roomId: string,
    text: string,
    more?: { clientId?: string; fileIds?: string[]; replyToId?: string },
  ): Promise<Message>;
  /** Subscribes and collects what comes. */
  follow(cursor?: string): TestFollower;
};

/** The chat service under test. */
export type TestChat = AsyncDisposable & {
  readonly process: TestProcess;
  readonly world: TestWorld;
  /** Someone with an account. */
  newPerson(name?: string): TestPerson;
  /** The same person, on another device or in another process. */
  personOf(userId: string, sessionId?: string): TestPerson;
  /** Chat as rag calls it. */
  readonly internal: Client<typeof ChatInternalService>;
  asRag(): Promise<CallOptions>;
  /** Says, as files, that a file is gone for good. */
  filePurged(fileId: string): Promise<void>;
  /** Says, as profile, that a person has another name or another setting. */
  profileChanged(userId: string): Promise<void>;
};

/** Starts chat between hand-written neighbours. */
export async function startChat(options: { world?: TestWorld; env?: Record<string, string> } = {}): Promise<TestChat> {
  const world = options.world ?? createWorld();
  const rag = defineService({ name: "rag", rpcs: [], publishes: [], config, open: async () => ({}) });
  const process = await startServices([chatService, rag], {
    ...(options.env && { env: options.env }),
    neighbours: (router) => mountWorld(router, world),
  });
  const { clients } = process.host("rag");
  const personOf = (userId: string, sessionId?: string) =>
    createPerson(process, { userId, ...(sessionId && { sessionId }) });
  return {
    process,
    world,
    personOf,
    newPerson(name = "Somebody") {
      const userId = randomUUID();
      world.names.set(userId, name);
      return personOf(userId);
    },
    internal: clients.of(ChatInternalService),
    asRag: () => clients.asService("chat"),
    filePurged: (fileId) => process.publish(filePurged({ fileId, ownerId: "owner", version: 3 })),
    profileChanged: (userId) => process.publish(profileUpdated({ userId, version: 2 })),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** The code a call fails with; undefined if it does not. */
export async function codeOf(call: Promise<unknown>): Promise<Code | undefined> {
  return (await errorOf(call))?.code;
}

/** The reason a call fails for. */
export async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return (await errorOf(call))?.findDetails(ErrorInfoSchema)[0]?.reason;
}

function errorOf(call: Promise<unknown>): Promise<ConnectError | undefined> {
  return call.then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason),
  );
}

/** The durable changes of one room among what came, by their numbers. */
export function changesOf(responses: readonly SubscribeResponse[], roomId: string): number[] {
  return responses.flatMap(({ event }) => {
    const value = event.value as { roomId?: string; change?: bigint } | undefined;
    return value?.roomId === roomId && value.change !== undefined ? [Number(value.change)] : [];
  });
}

export function createWorld(): TestWorld {
  return {
    names: new Map(),
    blocks: [],
    audiences: new Map(),
    files: new Map(),
    passages: new Map(),
    applied: [],
    granted: [],
    asked: 0,
    filesDown: false,
    ingestDown: false,
    profileDown: false,
  };
}

function createPerson(process: TestProcess, person: { userId: string; sessionId?: string }): TestPerson {
  const chat = process.client(ChatService, { person });
  return {
    userId: person.userId,
    chat,
    async newRoom(...others) {
      const memberIds = others.map(({ userId }) => userId);
      const { room } = await chat.createRoom({ kind: RoomKind.GROUP, title: "A room", memberIds });
      return room?.id ?? "";
    },
    async say(roomId, text, more = {}) {
      const { message } = await chat.sendMessage({ roomId, text, clientId: randomUUID(), ...more });
      if (!message) throw new Error("A message that was sent is answered.");
      return message;
    },
    follow: (cursor = "") => follow(chat, cursor),
  };
}

function mountWorld(router: ConnectRouter, world: TestWorld): void {
  const unlessDown = (isDown: boolean) => {
    if (isDown) throw new ConnectError("It is down.", Code.Unavailable);
  };
  const callerOf = (header: Headers): string => {
    const [, claims = ""] = header.get("authorization")?.split(".") ?? [];
    return JSON.parse(Buffer.from(claims, "base64url").toString()).sub;
  };
  router.service(ProfileService, {
    batchGetProfiles({ userIds }) {
      unlessDown(world.profileDown);
      world.asked += 1;
      return {
        profiles: userIds.flatMap((userId) => {
          const displayName = world.names.get(userId);
          return displayName === undefined ? [] : [{ userId, displayName }];
        }),
      };
    },
  });
  router.service(ProfileInternalService, {
    listBlockers({ userId, amongIds }) {
      unlessDown(world.profileDown);
      const blocks = world.blocks.filter((block) => block.blockedId === userId && amongIds.includes(block.userId));
      return { userIds: blocks.map((block) => block.userId) };
    },
    listPresenceAudiences({ userIds }) {
      unlessDown(world.profileDown);
      const chosen = userIds.flatMap((userId) => {
        const audience = world.audiences.get(userId);
        return audience === undefined ? [] : [[userId, audience] as const];
      });
      return { audiences: Object.fromEntries(chosen) };
    },
  });
  router.service(FileInternalService, {
    applyRoomMembers(request) {
      unlessDown(world.filesDown);
      world.applied.push(request);
      return {};
    },
    grantRoomAccess(request, { requestHeader }) {
      unlessDown(world.filesDown);
      for (const fileId of request.fileIds) {
        const file = world.files.get(fileId);
        if (!file?.readers.has(callerOf(requestHeader))) throw new ConnectError("no such file", Code.NotFound);
        if (!file.shareable) throw new ConnectError("not yours", Code.PermissionDenied);
      }
      world.granted.push(request);
      return {};
    },
    batchGetReadableFiles({ fileIds }, { requestHeader }) {
      unlessDown(world.filesDown);
      const caller = callerOf(requestHeader);
      return { files: listFiles(world, fileIds, ({ readers }) => readers.has(caller)) };
    },
    batchGetRoomReadableFiles({ fileIds }) {
      unlessDown(world.filesDown);
      return { files: listFiles(world, fileIds, () => true) };
    },
  });
  router.service(IngestInternalService, {
    batchGetPassages({ passageIds }) {
      unlessDown(world.ingestDown);
      return {
        passages: passageIds.flatMap((id) => {
          const passage = world.passages.get(id);
          if (!passage) return [];
          const { fileId, text, charStart } = passage;
          return [{ fileId, passage: { id, text, locator: { charStart, charEnd: charStart + text.length } } }];
        }),
      };
    },
  });
}

type TestFile = { name: string; readers: Set<string> };

function listFiles(world: TestWorld, fileIds: readonly string[], isReadable: (file: TestFile) => boolean) {
  return fileIds.flatMap((id) => {
    const file = world.files.get(id);
    return file && isReadable(file) ? [{ id, name: file.name }] : [];
  });
}
