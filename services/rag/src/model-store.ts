import type { Db, Transaction } from "@lyceum/database";
import { and, asc, eq, exists, gt, ne, sql } from "drizzle-orm";
import type { EntryRow } from "./index-store.ts";
import { embeddingModels, entries, segments, vectors } from "./schema.ts";
import type { Fullness } from "./vectors/vector-index.ts";

/**
 * Notes the model that documents are embedded by from now on; false if it cannot serve yet: there are documents that only
 * another has embedded, or whose vectors the index does not hold.
 */
export async function adoptModel(tx: Transaction, model: string, index: Fullness): Promise<boolean> {
  const byAnother = tx.select({ one: sql`1` }).from(vectors).where(ne(vectors.model, model)).limit(1);
  await tx
    .insert(embeddingModels)
    .values({ model, serving: sql`not ${exists(byAnother)}` })
    .onConflictDoNothing();
  if (index !== "whole") await beginAnew(tx, model, index);
  const [row] = await tx.select().from(embeddingModels).where(eq(embeddingModels.model, model));
  return row?.serving ?? false;
}

/** An index that lacks vectors serves only where there are none; one that is being filled goes on where it was. */
async function beginAnew(tx: Transaction, model: string, index: Fullness): Promise<void> {
  const { serving, cursor } = embeddingModels;
  const any = tx.select({ one: sql`1` }).from(vectors).limit(1);
  const begins = index === "empty" ? sql`true` : serving;
  await tx
    .update(embeddingModels)
    .set({ serving: sql`not ${exists(any)}`, cursor: sql`case when ${begins} then '' else ${cursor} end` })
    .where(eq(embeddingModels.model, model));
}

/** The models that documents are, or were, embedded by. */
export async function listModels(db: Db): Promise<string[]> {
  return (await db.select({ model: embeddingModels.model }).from(embeddingModels)).map(({ model }) => model);
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

/** How many vectors by this model an indexed revision of a file has: as many as passages, or none. */
export async function countVectors(
  db: Db,
  { fileId, revision }: { fileId: string; revision: number },
  model: string,
): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`cardinality(${segments.passageIds})` })
    .from(vectors)
    .innerJoin(segments, and(eq(segments.fileId, vectors.fileId), eq(segments.revision, vectors.revision)))
    .where(and(eq(vectors.fileId, fileId), eq(vectors.model, model), eq(vectors.revision, revision)));
  return row?.count ?? 0;
}

/** Lets the model serve, and forgets what others have embedded. */
export async function switchTo(tx: Transaction, model: string): Promise<void> {
  await tx.update(embeddingModels).set({ serving: true }).where(eq(embeddingModels.model, model));
  await tx.delete(embeddingModels).where(ne(embeddingModels.model, model));
  await tx.delete(vectors).where(ne(vectors.model, model));
}
