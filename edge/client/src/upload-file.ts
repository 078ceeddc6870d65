import { fromJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { retryRefused } from "./authenticate.ts";
import { type File as FileMessage, GetFileResponseSchema } from "./contract.ts";
import { toConnectError } from "./http-error.ts";
import type { LyceumSession, Proof } from "./session.ts";

export type UploadedFile = FileMessage;

export type UploadOptions = {
  /** The file's name; without it the browser's name of the file, or `file`. */
  readonly name?: string;
  /** The folder it goes into; the top of the library if left out. */
  readonly folderId?: string;
  /** Called as bytes leave, with the share that has: 0 to 1. In Node only at the end. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
};

/** What a file may hold at most, in bytes; files refuses more. */
export const maxUploadBytes = 512 * 1024 * 1024;

type Sent = { status: number; body: string };

/** An upload on which nothing moves for this long is given up. */
const stallMs = 60_000;

/** POST /v1/files?name=, the bytes as they are. A file that is too large is refused before any of it is sent. */
export async function uploadFile(
  { baseUrl, session }: { baseUrl: string; session: LyceumSession },
  file: Blob,
  options: UploadOptions = {},
): Promise<UploadedFile> {
  refuseTooLarge(file);
  const name = options.name ?? (file as Partial<globalThis.File>).name ?? "file";
  const query = new URLSearchParams({ name, ...(options.folderId && { folderId: options.folderId }) });
  const url = `${baseUrl}/v1/files?${query}`;
  const send = typeof XMLHttpRequest === "undefined" ? sendByFetch : sendByXhr;
  return retryRefused(session, async (proof) => {
    // Not worth sending: it would be refused after its last byte.
    if (!proof) throw new ConnectError("Sign in first.", Code.Unauthenticated);
    const { status, body } = await send(url, file, proof, options);
    if (status < 200 || status > 299) throw toConnectError(status, body);
    const stored = fromJsonString(GetFileResponseSchema, body, { ignoreUnknownFields: true }).file;
    if (!stored) throw new ConnectError("The answer holds no file.", Code.Internal);
    return stored;
  });
}

/** Throws `resource_exhausted FILE_TOO_LARGE`, as files would after the last byte. */
export function refuseTooLarge(file: Blob): void {
  if (file.size <= maxUploadBytes) return;
  const metadata = { limitBytes: String(maxUploadBytes) };
  throw new ConnectError("Files are limited to 512 MiB.", Code.ResourceExhausted, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "FILE_TOO_LARGE", domain: "lyceum", metadata } },
  ]);
}

const toHeaders = (file: Blob, proof: Proof) => ({
  ...proof.headers,
  "content-type": file.type || "application/octet-stream",
});

async function sendByFetch(
  url: string,
  file: Blob,
  proof: Proof,
  { onProgress, signal }: UploadOptions,
): Promise<Sent> {
  const res = await fetch(url, {
    method: "POST",
    headers: toHeaders(file, proof),
    body: file,
    ...(signal && { signal }),
  });
  const sent = { status: res.status, body: await res.text() };
  onProgress?.(1);
  return sent;
}

/** fetch tells nothing of the bytes that left; XMLHttpRequest does. */
function sendByXhr(url: string, file: Blob, proof: Proof, { onProgress, signal }: UploadOptions): Promise<Sent> {
  const { promise, resolve, reject } = Promise.withResolvers<Sent>();
  const xhr = new XMLHttpRequest();
  const abort = () => xhr.abort();
  let stall = setTimeout(abort, stallMs);
  xhr.upload.onprogress = ({ loaded, total }) => {
    clearTimeout(stall);
    stall = setTimeout(abort, stallMs);
    onProgress?.(total > 0 ? loaded / total : 0);
  };
  xhr.onload = () => resolve({ status: xhr.status, body: xhr.responseText });
  xhr.onerror = () => reject(new TypeError("The upload met a network failure."));
  xhr.onabort = () => reject(signal?.aborted ? signal.reason : new TypeError("The upload stalled."));
  xhr.onloadend = () => {
    clearTimeout(stall);
    signal?.removeEventListener("abort", abort);
  };
  if (signal?.aborted) return Promise.reject(signal.reason);
  signal?.addEventListener("abort", abort);
  xhr.open("POST", url);
  for (const [name, value] of Object.entries(toHeaders(file, proof))) xhr.setRequestHeader(name, value);
  xhr.send(file);
  return promise;
}
