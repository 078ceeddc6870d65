import { readTimePage } from "@lyceum/service";
import type { Position } from "./position.ts";

/** Reads one page in the order of creation and says where the next begins; `read` gets one row more than asked for. */
export function readListPage<Row extends Position>(
  req: { pageSize: number; pageToken: string },
  read: (page: { after: Position | undefined; limit: number }) => Promise<Row[]>,
): Promise<{ rows: Row[]; nextPageToken: string }> {
  return readTimePage(
    req,
    ({ createTime: time, id }) => ({ time, id }),
    ({ after, limit }) => read({ limit, after: after && { createTime: after.time, id: after.id } }),
  );
}
