import { Code, ConnectError } from "@connectrpc/connect";
import type { LyceumSession } from "./session.ts";
import type { TusRun } from "./tus-run.ts";
import { refuseTooLarge, type UploadedFile } from "./upload-file.ts";
import type { UploadStore } from "./upload-store.ts";

export type ResumableUploadOptions = {
  /** The file's name; without it the browser's name of the file, or `file`. */
  readonly name?: string;
  /** The folder it goes into; the top of the library if left out. */
  readonly folderId?: string;
  /** Tells this file from others when it is resumed after a reload; by default its name, size and time of change. */
  readonly key?: string;
  /** Called as bytes leave, with the share that has: 0 to 1. What was lost on the way counts once more. */
  readonly onProgress?: (share: number) => void;
  /** Ends it with the signal's reason. What the server has is kept, to be resumed later. */
  readonly signal?: AbortSignal;
};

/** An upload that survives lost connections, a restart of the server, and a reload: the same file goes on where it was. */
export type ResumableUpload = {
  /** The stored file. Refused with a ConnectError; what the server has by then is kept, to be resumed. */
  readonly file: Promise<UploadedFile>;
  /** Stops sending for now. */
  pause(): void;
  /** Goes on from where the server says that it stands. */
  resume(): void;
  /** Ends it with `canceled`, and frees what the server has of it. */
  cancel(): Promise<void>;
};

/** What resumable uploads need. */
export type UploadContext = {
  readonly baseUrl: string;
  readonly session: LyceumSession;
  readonly uploads: UploadStore;
  getFile(fileId: string): Promise<UploadedFile | undefined>;
};

/** How often it may come to a standstill before it is given up. */
const maxStalls = 5;

/** Uploads in chunks to /v1/uploads (tus 1.0). A file that is too large is refused before any of it is sent. */
export function startUpload(ctx: UploadContext, file: Blob, options: ResumableUploadOptions = {}): ResumableUpload {
  const { promise, resolve, reject } = Promise.withResolvers<UploadedFile>();
  const { signal } = options;
  const name = options.name ?? (file as Partial<File>).name ?? "file";
  const folderId = options.folderId ?? "";
  const key = [ctx.session.current()?.userId, folderId, options.key ?? identify(file, name)].join("/");
  let url = ctx.uploads.read(key);
  let stalls = 0;
  let isOver = false;
  let stop: (() => void) | undefined;

  const remember = (to: string | undefined) => {
    url = to;
    ctx.uploads.write(key, to);
  };
  const pause = () => {
    stop?.();
    stop = undefined;
  };
  const resume = () => {
    if (isOver || stop) return;
    const run: TusRun = {
      file,
      url,
      endpoint: `${ctx.baseUrl}/v1/uploads`,
      metadata: { filename: name, ...(file.type && { filetype: file.type }), ...(folderId && { folderId }) },
      session: ctx.session,
      onUrl: remember,
      onProgress: (share) => options.onProgress?.(share),
      onStored: (fileId) => void ctx.getFile(fileId).then(finish, fail),
      onStalled() {
        stop = undefined;
        stalls += 1;
        if (stalls > maxStalls) fail(new TypeError("The upload stalled."));
        else resume();
      },
      onFailed: fail,
    };
    const wait = () => {};
    stop = wait;
    void loadTus().then(({ startTusRun }) => {
      if (stop === wait) stop = startTusRun(run);
    }, fail);
  };
  const end = (settle: () => void) => {
    if (isOver) return;
    isOver = true;
    pause();
    signal?.removeEventListener("abort", abort);
    settle();
  };
  const finish = (stored: UploadedFile | undefined) => {
    remember(undefined);
    end(() => (stored ? resolve(stored) : reject(new ConnectError("The answer holds no file.", Code.Internal))));
  };
  const fail = (error: unknown) => end(() => reject(error));
  const abort = () => fail(signal?.reason);

  try {
    refuseTooLarge(file);
    if (!ctx.session.current()) throw new ConnectError("Sign in first.", Code.Unauthenticated);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    resume();
  } catch (error) {
    fail(error);
  }
  return {
    file: promise,
    pause,
    resume,
    async cancel() {
      fail(new ConnectError("The upload was canceled.", Code.Canceled));
      if (url === undefined) return;
      await (await loadTus()).terminateTus(url, ctx.session);
      remember(undefined);
    },
  };
}

/** Only whoever uploads needs it. */
const loadTus = () => import("./tus-run.ts");

function identify(file: Blob, name: string): string {
  return [name, file.size, (file as Partial<File>).lastModified ?? ""].join("/");
}
