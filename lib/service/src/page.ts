import { invalidField } from "./errors.ts";

const maxPageSize = 250;

/** What to read for a page: at most `limit` rows that come after the key `after`; undefined for the first page. */
export type Page<T> = { readonly limit: number; readonly after: T | undefined };

/** Reads a list request. A damaged token is `invalid_argument` on `page_token`; check the shape of `after` yourself. */
export function readPage<T>(request: { pageSize: number; pageToken: string }, defaultSize = 50): Page<T> {
  const limit = Math.min(request.pageSize > 0 ? request.pageSize : defaultSize, maxPageSize);
  return { limit, after: request.pageToken ? (readPageToken(request.pageToken) as T) : undefined };
}

/** Makes the opaque token of the page that starts after `key`, any JSON value. */
export function writePageToken(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

function readPageToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    throw invalidField("page_token", "is not a token that this list has given out");
  }
}
