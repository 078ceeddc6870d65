import { retryRefused } from "./authenticate.ts";
import { toConnectError } from "./http-error.ts";
import type { LyceumSession } from "./session.ts";

/** Bytes `start` to `end`, counted from 0, both included. */
export type ByteRange = { readonly start: number; readonly end: number };

/** GET /v1/files/{fileId}/content. The answer's body is unread. */
export function fetchContent(
  { baseUrl, session }: { baseUrl: string; session: LyceumSession },
  fileId: string,
  range?: ByteRange,
  signal?: AbortSignal,
): Promise<Response> {
  return retryRefused(session, async (proof) => {
    const headers = new Headers(proof?.headers);
    if (range) headers.set("range", `bytes=${range.start}-${range.end}`);
    const res = await fetch(`${baseUrl}/v1/files/${encodeURIComponent(fileId)}/content`, {
      headers,
      ...(signal && { signal }),
    });
    if (!res.ok) throw toConnectError(res.status, await res.text());
    return res;
  });
}
