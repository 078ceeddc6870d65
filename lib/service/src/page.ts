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
    throw notGivenOut();
  }
}

const notGivenOut = () => invalidField("page_token", "is not a token that this list has given out");

/** Where a page of a list ends that is ordered by time, the latest first. */
export type TimePosition = { readonly time: Date; readonly id: string };

/**
 * Reads one page of a list that is ordered by time and id, the latest first, and says where the next begins. `read` gets one row more
 * than asked for; a damaged token is `invalid_argument` on `page_token`.
 */
export async function readTimePage<Row>(
  req: { pageSize: number; pageToken: string },
  positionOf: (row: Row) => TimePosition,
  read: (page: { after: TimePosition | undefined; limit: number }) => Promise<Row[]>,
): Promise<{ rows: Row[]; nextPageToken: string }> {
  const { limit, after } = readPage<unknown>(req);
  const rows = await read({ limit: limit + 1, after: after === undefined ? undefined : toTimePosition(after) });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  if (last === undefined) return { rows, nextPageToken: "" };
  const { time, id } = positionOf(last);
  return { rows: rows.slice(0, limit), nextPageToken: writePageToken([time.getTime(), id]) };
}

function toTimePosition(key: unknown): TimePosition {
  const [ms, id] = Array.isArray(key) ? key : [];
  const time = new Date(typeof ms === "number" ? ms : Number.NaN);
  // Years beyond 9999 are written in a way that Postgres does not read.
  const isReadable = Math.abs(time.getUTCFullYear() - 5000) < 5000;
  if (!isReadable || typeof id !== "string") throw notGivenOut();
  return { time, id };
}
