import { invalidField, readPage, writePageToken } from "@lyceum/service";
import type { Position } from "./position.ts";

/** Reads one page in the order of creation and says where the next begins; `read` gets one row more than asked for. */
export async function readListPage<Row extends Position>(
  req: { pageSize: number; pageToken: string },
  read: (page: { after: Position | undefined; limit: number }) => Promise<Row[]>,
): Promise<{ rows: Row[]; nextPageToken: string }> {
  const { limit, after } = readPage<unknown>(req);
  const rows = await read({ limit: limit + 1, after: after === undefined ? undefined : toPosition(after) });
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const nextPageToken = last ? writePageToken([last.createTime.getTime(), last.id]) : "";
  return { rows: rows.slice(0, limit), nextPageToken };
}

function toPosition(key: unknown): Position {
  const [time, id] = Array.isArray(key) ? key : [];
  const createTime = new Date(typeof time === "number" ? time : Number.NaN);
  // Years beyond 9999 are written in a way that Postgres does not read.
  if (
    Number.isNaN(createTime.getTime()) ||
    Math.abs(createTime.getUTCFullYear() - 5000) >= 5000 ||
    typeof id !== "string"
  ) {
    throw invalidField("page_token", "is not a token that this list has given out");
  }
  return { createTime, id };
}
