import { invalidField, readPage, writePageToken } from "@lyceum/service";

/** A place in a list that is ordered by time, the latest first. */
export type TimePosition = { readonly time: Date; readonly id: string };

/** Reads one page and says where the next begins; `read` gets one row more than asked for. */
export async function readTimePage<Row extends { readonly id: string }>(
  req: { pageSize: number; pageToken: string },
  timeOf: (row: Row) => Date,
  read: (page: { after: TimePosition | undefined; limit: number }) => Promise<Row[]>,
): Promise<{ rows: Row[]; nextPageToken: string }> {
  const { limit, after } = readPage<unknown>(req);
  const rows = await read({ limit: limit + 1, after: after === undefined ? undefined : toPosition(after) });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const nextPageToken = last ? writePageToken([timeOf(last).getTime(), last.id]) : "";
  return { rows: rows.slice(0, limit), nextPageToken };
}

function toPosition(key: unknown): TimePosition {
  const [ms, id] = Array.isArray(key) ? key : [];
  const time = new Date(typeof ms === "number" ? ms : Number.NaN);
  // Years beyond 9999 are written in a way that Postgres does not read.
  if (Number.isNaN(time.getTime()) || Math.abs(time.getUTCFullYear() - 5000) >= 5000 || typeof id !== "string") {
    throw invalidField("page_token", "is not a token that this list has given out");
  }
  return { time, id };
}
