import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { authenticate } from "./authenticate.ts";
import { FileService, IdentityService, IngestService, ProfileService, RagService } from "./contract.ts";
import { type ByteRange, fetchContent } from "./fetch-content.ts";
import { createSession, type LyceumSession } from "./session.ts";
import { createMemoryStore, openBrowserStore, type SessionStore } from "./session-store.ts";
import { type UploadedFile, type UploadOptions, uploadFile } from "./upload-file.ts";

export type LyceumOptions = {
  /** Where the gateway answers, such as `https://lyceum.example`, without a slash at the end. */
  readonly baseUrl: string;
  /** Where the signed-in session is kept. In browsers localStorage, shared by all tabs; elsewhere this object's memory. */
  readonly storage?: SessionStore;
};

/** Lyceum as one person uses it: a typed client per service, the session they share, and the bytes of files. */
export type Lyceum = {
  readonly session: LyceumSession;
  readonly identity: Client<typeof IdentityService>;
  readonly profile: Client<typeof ProfileService>;
  readonly files: Client<typeof FileService>;
  readonly ingest: Client<typeof IngestService>;
  readonly rag: Client<typeof RagService>;
  /** What the clients call through, for connect-query: adds the access token and renews it. */
  readonly transport: Transport;
  /** Stores a file's bytes. Refused with a ConnectError; aborted with the signal's reason. */
  uploadFile(file: Blob, options?: UploadOptions): Promise<UploadedFile>;
  /** The content of a file, or the bytes `start` to `end` of it. Refused with a ConnectError. */
  fetchContent(fileId: string, range?: ByteRange, signal?: AbortSignal): Promise<Response>;
};

/** Connects to a Lyceum from a browser or Node. Nothing is sent before the first call. */
export function createLyceum({ baseUrl, storage }: LyceumOptions): Lyceum {
  const plain = createConnectTransport({ baseUrl, useBinaryFormat: true });
  const store = storage ?? (typeof localStorage === "undefined" ? createMemoryStore() : openBrowserStore());
  const session = createSession({ identity: createClient(IdentityService, plain), store });
  const transport = authenticate(plain, session);
  return {
    session,
    transport,
    identity: createClient(IdentityService, transport),
    profile: createClient(ProfileService, transport),
    files: createClient(FileService, transport),
    ingest: createClient(IngestService, transport),
    rag: createClient(RagService, transport),
    uploadFile: (file, options) => uploadFile({ baseUrl, session }, file, options),
    fetchContent: (fileId, range, signal) => fetchContent({ baseUrl, session }, fileId, range, signal),
  };
}
