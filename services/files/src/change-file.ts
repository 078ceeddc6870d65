import type { Transaction } from "@lyceum/database";
import type { Context } from "./context.ts";
import { ownerOnly } from "./errors.ts";
import { fileMissing, readerOf } from "./reader.ts";
import { type FileRow, lockReadableFile } from "./store.ts";

/** Changes a file in one transaction, its row locked, as only its owner may. */
export function changeOwnFile<T>(
  ctx: Context,
  fileId: string,
  userId: string,
  change: (tx: Transaction, file: FileRow) => Promise<T>,
): Promise<T> {
  const reader = readerOf(ctx, userId);
  return ctx.database.transaction(async (tx) => {
    const file = await lockReadableFile(tx, fileId, reader);
    if (!file) throw fileMissing(reader);
    if (file.right !== "owner") throw ownerOnly();
    return change(tx, file);
  });
}
