import { Code, ConnectError } from "@connectrpc/connect";
import { DefaultHttpStack, DetailedError, type HttpRequest, type HttpResponse, Upload } from "tus-js-client";
import { toConnectError } from "./http-error.ts";
import type { LyceumSession, Proof } from "./session.ts";

/** One stretch of an upload: from its beginning or from where the server has it, until it is stopped or ends. */
export type TusRun = {
  readonly file: Blob;
  /** Where uploads are created. */
  readonly endpoint: string;
  /** The unfinished upload to go on with; unknown to the server, another one is made. */
  readonly url: string | undefined;
  readonly metadata: Record<string, string>;
  readonly session: LyceumSession;
  onUrl(url: string): void;
  onProgress(share: number): void;
  onStored(fileId: string): void;
  /** Nothing moves any more; another run may get further. */
  onStalled(): void;
  /** A ConnectError, or a TypeError where no answer came. */
  onFailed(error: unknown): void;
};

/** Small enough for proxies that hold a request back until it is whole; large enough that a round trip hardly counts. */
const chunkSizeBytes = 16 * 1024 * 1024;
/** Waits between tries while nothing gets through; every chunk that does begins them anew. */
const retryDelays = [0, 500, 1_000, 2_000, 5_000, 10_000, 20_000];
/** A try on which nothing moves for this long is broken off. */
const stallMs = 30_000;

/** Sends the file until the returned function is called; after that `run` hears nothing more. */
export function startTusRun(run: TusRun): () => void {
  const stopped = new AbortController();
  const { url } = run;
  const upload = new Upload(run.file as globalThis.File, {
    ...requestOptions(run.session, stopped.signal),
    endpoint: run.endpoint,
    metadata: run.metadata,
    ...(url !== undefined && { uploadUrl: url }),
    chunkSize: chunkSizeBytes,
    // Whoever started this run remembers its address.
    fingerprint: async () => "",
    storeFingerprintForResuming: false,
    fileReader: { openFile: async () => toSource(run.file) },
    onUploadUrlAvailable: () => upload.url && run.onUrl(upload.url),
    onProgress(sent, total) {
      watch();
      run.onProgress(total > 0 ? sent / total : 1);
    },
    onSuccess({ lastResponse }) {
      // Stopping aborts the request too, and browsers forget an aborted one's headers, finished or not.
      const fileId = lastResponse.getHeader("Lyceum-File-Id");
      stop();
      if (fileId) run.onStored(fileId);
      else run.onFailed(new ConnectError("The answer names no file.", Code.Internal));
    },
    onError(error) {
      stop();
      run.onFailed(toThrown(error));
    },
  });
  let stall: ReturnType<typeof setTimeout>;
  const watch = () => {
    clearTimeout(stall);
    stall = setTimeout(() => {
      stop();
      run.onStalled();
    }, stallMs);
  };
  const stop = () => {
    clearTimeout(stall);
    stopped.abort();
    void upload.abort();
  };
  watch();
  upload.start();
  return stop;
}

/** Frees what the server has of an upload; one it does not know is no error. */
export async function terminateTus(url: string, session: LyceumSession): Promise<void> {
  await Upload.terminate(url, requestOptions(session)).catch((error: unknown) => {
    const status = error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined;
    if (status !== 404 && status !== 410) throw toThrown(error);
  });
}

function requestOptions(session: LyceumSession, signal?: AbortSignal) {
  let sent: Proof | undefined;
  return {
    httpStack,
    retryDelays,
    onShouldRetry: mayRetry,
    async onBeforeRequest(req: HttpRequest) {
      const proof = await session.proof();
      signal?.throwIfAborted();
      if (!proof) throw new ConnectError("Sign in first.", Code.Unauthenticated);
      sent = proof;
      for (const [name, value] of Object.entries(proof.headers)) req.setHeader(name, value);
    },
    // What is thrown here is tried again as a failed request is; an answer that is left to tus-js-client may make it begin anew.
    async onAfterResponse(req: HttpRequest, res: HttpResponse) {
      const status = res.getStatus();
      if (status === 401 && sent && (await session.renew(sent)))
        throw new ConnectError("The session was renewed.", Code.Unavailable);
      const isLost = status === 404 || status === 410;
      if (status === 401 || (req.getMethod() === "HEAD" && status >= 400 && !isLost)) {
        throw toConnectError(status, res.getBody());
      }
    },
  };
}

const plainStack = new DefaultHttpStack({});

/** In Node tus-js-client waits for ever for the rest of an answer whose connection breaks. */
const httpStack = {
  getName: () => "lyceum",
  createRequest(method: string, url: string): HttpRequest {
    const req = plainStack.createRequest(method, url);
    const send = req.send.bind(req);
    req.send = (body) => {
      const answer = send(body);
      const { promise: cut, reject } = Promise.withResolvers<never>();
      // The request of Node closes after its answer has been read whole; that of a browser knows no such event.
      req.getUnderlyingObject().once?.("close", () => setTimeout(reject, 0, new TypeError("The answer was cut.")));
      return Promise.race([answer, cut]);
    };
    return req;
  },
};

function mayRetry(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus();
  // 409: the server has another offset; 423: a request that broke off still holds the upload; 460: bytes were damaged.
  if (status !== undefined) return status >= 500 || [409, 423, 460].includes(status);
  return !(error.causingError instanceof ConnectError) || error.causingError.code === Code.Unavailable;
}

function toThrown(error: unknown): unknown {
  if (!(error instanceof DetailedError)) return error;
  const { originalResponse: res, causingError } = error;
  if (res) return toConnectError(res.getStatus(), res.getBody());
  return causingError instanceof ConnectError
    ? causingError
    : new TypeError("The upload met a network failure.", { cause: error });
}

/** Reads a Blob by slices. Node's requests take bytes only; browsers send a slice without reading it into memory. */
function toSource(file: Blob) {
  return {
    size: file.size,
    async slice(start: number, end: number) {
      const slice = file.slice(start, end);
      const value =
        typeof XMLHttpRequest === "undefined"
          ? Object.assign(new Uint8Array(await slice.arrayBuffer()), { size: slice.size })
          : slice;
      return { value, done: end >= file.size };
    },
    close: () => {},
  };
}
