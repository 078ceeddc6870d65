import { storable } from "@lyceum/database";
import { type Column, type SQL, sql } from "drizzle-orm";

/** Where a page ends: the times and ids of lists in the order of creation. */
export type Position = { readonly createTime: Date; readonly id: string };

/** Whether a row comes after `after` in a list that begins with the latest. */
export function isAfter(
  { createTime, id }: { createTime: Column; id: Column },
  after: Position | undefined,
): SQL | undefined {
  return after && sql`(${createTime}, ${id}) < (${after.createTime.toISOString()}::timestamptz, ${storable(after.id)})`;
}
