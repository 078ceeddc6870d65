import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ask } from "./ask.ts";
import { authenticate } from "./authenticate.ts";
import { fetchAvatar, setAvatar } from "./avatar.ts";
import {
  type AskRequestSchema,
  type AskResponse,
  ChatService,
  FileService,
  IdentityService,
  IngestService,
  type Profile,
  ProfileService,
  RagService,
} from "./contract.ts";
import { type ByteRange, fetchContent } from "./fetch-content.ts";
import { cookieHeaders, holdWhileRenewed, keepCookie } from "./keep-cookie.ts";
import { keepTokens } from "./keep-tokens.ts";
import { createSession, type LyceumSession } from "./session.ts";
import { createMemoryStore, openBrowserStore, type SessionStore } from "./session-store.ts";
import { type ResumableUpload, type ResumableUploadOptions, startUpload } from "./start-upload.ts";
import { type SubscribeOptions, type Subscription, subscribe } from "./subscribe.ts";
import { type UploadedFile, type UploadOptions, uploadFile } from "./upload-file.ts";
import { createMemoryUploadStore, openBrowserUploadStore, type UploadStore } from "./upload-store.ts";

export type LyceumOptions = {
  /** Where the gateway answers, such as `https://lyceum.example`, without a slash at the end. */
  readonly baseUrl: string;
  /** Where the signed-in session is kept. In browsers localStorage, shared by all tabs; elsewhere this object's memory. */
  readonly storage?: SessionStore;
  /**
   * What proves the session: tokens in `storage`, as by default, or a cookie that no script can read. The cookie is for pages of
   * `baseUrl`'s own origin; `storage` then says no more than who is signed in.
   */
  readonly sessionIn?: "tokens" | "cookie";
  /** Where unfinished uploads are remembered. In browsers localStorage; elsewhere this object's memory. */
  readonly uploads?: UploadStore;
};

/** Lyceum as one person uses it: a typed client per service, the session they share, and the bytes of files. */
export type Lyceum = {
  readonly session: LyceumSession;
  readonly identity: Client<typeof IdentityService>;
  readonly profile: Client<typeof ProfileService>;
  readonly files: Client<typeof FileService>;
  readonly chat: Client<typeof ChatService>;
  readonly ingest: Client<typeof IngestService>;
  readonly rag: Client<typeof RagService>;
  /** What the clients call through, for connect-query: adds what proves the session and renews it. */
  readonly transport: Transport;
  /** Asks, and reads the answer to its end over lost connections and restarts. */
  ask(request: MessageInitShape<typeof AskRequestSchema>, options?: CallOptions): AsyncIterable<AskResponse>;
  /** Follows all rooms of the signed-in person, over lost connections and restarts. */
  subscribe(options: SubscribeOptions): Subscription;
  /** Stores a file's bytes. Refused with a ConnectError; aborted with the signal's reason. */
  uploadFile(file: Blob, options?: UploadOptions): Promise<UploadedFile>;
  /** Stores a file's bytes in chunks, so that a large one goes on where it was cut off. */
  startUpload(file: Blob, options?: ResumableUploadOptions): ResumableUpload;
  /** Gives the signed-in person another picture, or none. Refused with a ConnectError. */
  setAvatar(picture: Blob | undefined): Promise<Profile>;
  /** The picture at a profile's `avatarUrl`. Refused with a ConnectError. */
  fetchAvatar(avatarUrl: string, signal?: AbortSignal): Promise<Blob>;
  /** The content of a file, or the bytes `start` to `end` of it. Refused with a ConnectError. */
  fetchContent(fileId: string, range?: ByteRange, signal?: AbortSignal): Promise<Response>;
};

/** Connects to a Lyceum from a browser or Node. Nothing is sent before the first call. */
export function createLyceum({ baseUrl, storage, uploads, sessionIn = "tokens" }: LyceumOptions): Lyceum {
  const isByCookie = sessionIn === "cookie";
  const plain = createConnectTransport({
    baseUrl,
    useBinaryFormat: true,
    interceptors: isByCookie ? [askForCookie] : [],
  });
  const isBrowser = typeof localStorage !== "undefined";
  const store = storage ?? (isBrowser ? openBrowserStore() : createMemoryStore());
  const sessions = { identity: createClient(IdentityService, plain), store };
  const session = createSession(sessions, isByCookie ? keepCookie(sessions) : keepTokens(sessions));
  const transport = authenticate(isByCookie ? holdWhileRenewed(plain, store) : plain, session);
  const files = createClient(FileService, transport);
  const rag = createClient(RagService, transport);
  const chat = createClient(ChatService, transport);
  const uploadContext = {
    baseUrl,
    session,
    uploads: uploads ?? (isBrowser ? openBrowserUploadStore() : createMemoryUploadStore()),
    getFile: async (fileId: string) => (await files.getFile({ fileId })).file,
  };
  return {
    session,
    transport,
    identity: createClient(IdentityService, transport),
    profile: createClient(ProfileService, transport),
    files,
    chat,
    ingest: createClient(IngestService, transport),
    rag,
    ask: (request, options) => ask(rag, request, options),
    subscribe: (options) => subscribe({ baseUrl, session, chat }, options),
    uploadFile: (file, options) => uploadFile({ baseUrl, session }, file, options),
    startUpload: (file, options) => startUpload(uploadContext, file, options),
    setAvatar: (picture) => setAvatar({ baseUrl, session }, picture),
    fetchAvatar: (avatarUrl, signal) => fetchAvatar({ baseUrl, session }, avatarUrl, signal),
    fetchContent: (fileId, range, signal) => fetchContent({ baseUrl, session }, fileId, range, signal),
  };
}

const askForCookie: Interceptor = (next) => (req) => {
  for (const [name, value] of Object.entries(cookieHeaders)) req.header.set(name, value);
  return next(req);
};
