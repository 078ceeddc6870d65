import type { Db, Transaction } from "@lyceum/database";
import { and, asc, eq, exists, gt, ne, sql } from "drizzle-orm";
import type { EntryRow } from "./index-store.ts";
import { embeddingModels, entries, vectors } from "./schema.ts";

/**
 * Notes the model that documents are embedded by from now on; false if there are documents that only another has embedded, so
 * that it cannot serve yet.
 */
export async function adoptModel(tx: Transaction, model: string): Promise<boolean> {
  const byAnother = tx.select({ one: sql`1` }).from(vectors).where(ne(vectors.model, model)).limit(1);
  await tx
    .insert(embeddingModels)
    .values({ model, serving: sql`not ${exists(byAnother)}` })
    .onConflictDoNothing();
  const [row] = await tx.select().from(embeddingModels).where(eq(embeddingModels.model, model));
  return row?.serving ?? false;
}

/** The last file that the model has embedded of those that were there before it. */
export async function readCursor(db: Db, model: string): Promise<string> {
  const [row] = await db.select().from(embeddingModels).where(eq(embeddingModels.model, model));
  return row?.cursor ?? "";
}

export async function saveCursor(db: Db, model: string, cursor: string): Promise<void> {
  await db.update(embeddingModels).set({ cursor }).where(eq(embeddingModels.model, model));
}

const isIndexedAfter = (cursor: string) =>
  and(gt(entries.fileId, cursor), eq(entries.state, "INDEXED"), eq(entries.trashed, false));

/** Indexed files after `cursor`, by their ids. */
export function listIndexed(db: Db, cursor: string, limit: number): Promise<EntryRow[]> {
  return db.select().from(entries).where(isIndexedAfter(cursor)).orderBy(asc(entries.fileId)).limit(limit);
}

export function countIndexed(db: Db, cursor: string): Promise<number> {
  return db.$count(entries, isIndexedAfter(cursor));
}

/** Whether the stored vectors of a file's revision include some by this model. */
export async function hasVectors(db: Db, fileId: string, revision: number, model: string): Promise<boolean> {
  const where = and(eq(vectors.fileId, fileId), eq(vectors.model, model), eq(vectors.revision, revision));
  return (await db.$count(vectors, where)) > 0;
}

/** Lets the model serve, and forgets what others have embedded. */
export async function switchTo(tx: Transaction, model: string): Promise<void> {
  await tx.update(embeddingModels).set({ serving: true }).where(eq(embeddingModels.model, model));
  await tx.delete(embeddingModels).where(ne(embeddingModels.model, model));
  await tx.delete(vectors).where(ne(vectors.model, model));
}
