import type { Db } from "@lyceum/database";
import { and, eq, sql } from "drizzle-orm";
import { usage } from "./schema.ts";

export type UsageRow = typeof usage.$inferSelect;

/** How a person's usage changes; what is left out stays. */
export type UsageChange = { readonly bytes?: number; readonly files?: number; readonly reservedBytes?: number };

/** What a person's files take. */
export async function findUsage(db: Db, userId: string): Promise<UsageRow> {
  const [row] = await db.select().from(usage).where(eq(usage.userId, userId));
  return row ?? { userId, bytes: 0, files: 0, reservedBytes: 0 };
}

/**
 * Changes a person's usage and keeps its row locked until the transaction ends; false, and nothing is changed, if bytes and
 * reserved bytes together would go beyond `limitBytes`. Always the last row that a transaction locks.
 */
export async function changeUsage(
  tx: Db,
  userId: string,
  { bytes = 0, files = 0, reservedBytes = 0 }: UsageChange,
  limitBytes: number = Number.MAX_SAFE_INTEGER,
): Promise<boolean> {
  await tx.insert(usage).values({ userId }).onConflictDoNothing();
  const changed = await tx
    .update(usage)
    .set({
      bytes: sql`${usage.bytes} + ${bytes}`,
      files: sql`${usage.files} + ${files}`,
      reservedBytes: sql`${usage.reservedBytes} + ${reservedBytes}`,
    })
    .where(
      and(
        eq(usage.userId, userId),
        sql`${usage.bytes} + ${usage.reservedBytes} + ${bytes + reservedBytes} <= ${limitBytes}`,
      ),
    )
    .returning({ userId: usage.userId });
  return changed.length > 0;
}
