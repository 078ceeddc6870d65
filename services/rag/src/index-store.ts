import type { Database, Db, Transaction } from "@lyceum/database";
import { and, eq, lt, ne, sql } from "drizzle-orm";
import { entries, grants, segments, vectors } from "./schema.ts";

export type EntryRow = typeof entries.$inferSelect;

/** The entry with its row locked until the transaction ends. */
export async function lockEntry(tx: Transaction, fileId: string): Promise<EntryRow | undefined> {
  const [row] = await tx.select().from(entries).where(eq(entries.fileId, fileId)).for("update");
  return row;
}

export async function findEntry(db: Db, fileId: string): Promise<EntryRow | undefined> {
  const [row] = await db.select().from(entries).where(eq(entries.fileId, fileId));
  return row;
}

type EntryChange = Partial<Omit<EntryRow, "fileId" | "ownerId" | "version">>;

/** Adds an entry or changes the one there is, raising its version; answers the row, or undefined for a purged file. */
export async function putEntry(
  tx: Transaction,
  fileId: string,
  ownerId: string,
  change: EntryChange,
): Promise<EntryRow | undefined> {
  const first = { fileId, ownerId, revision: 0, state: "INDEXING" as const, ...change };
  const [row] = await tx
    .insert(entries)
    .values(first)
    .onConflictDoUpdate({
      target: entries.fileId,
      set: { ...change, version: nextVersion },
      setWhere: ne(entries.state, "PURGED"),
    })
    .returning();
  return row;
}

/** Changes a locked entry, raising its version, which it answers. */
export async function changeEntry(tx: Transaction, fileId: string, change: EntryChange): Promise<number> {
  const [row] = await tx
    .update(entries)
    .set({ ...change, version: nextVersion })
    .where(eq(entries.fileId, fileId))
    .returning({ version: entries.version });
  if (!row) throw new Error("A locked entry cannot be missing.");
  return row.version;
}

/** Erases all that is kept of a file but a tombstone, which no longer tells whose it was. */
export async function buryEntry(tx: Transaction, fileId: string): Promise<void> {
  const tombstone = { ownerId: "", revision: 0, state: "PURGED" as const, trashed: true };
  await tx
    .insert(entries)
    .values({ fileId, ...tombstone })
    .onConflictDoUpdate({ target: entries.fileId, set: tombstone });
  for (const table of [segments, vectors, grants]) await tx.delete(table).where(eq(table.fileId, fileId));
}

const nextVersion = sql`${entries.version} + 1`;

/** Stores a file's postings in place of those before, whose vectors go with them. */
export async function putSegment(
  tx: Transaction,
  fileId: string,
  revision: number,
  { blob, passageIds, nameHash }: { blob: Uint8Array; passageIds: string[]; nameHash: string },
): Promise<void> {
  const row = { revision, nameHash, sizeBytes: blob.length, blob, passageIds };
  await tx
    .insert(segments)
    .values({ fileId, ...row })
    .onConflictDoUpdate({ target: segments.fileId, set: { ...row, build: sql`${segments.build} + 1` } });
  await tx.delete(vectors).where(and(eq(vectors.fileId, fileId), lt(vectors.revision, revision)));
}

/** Which revision of a file the stored segment holds, and under which name, if there is one. */
export async function findSegment(db: Db, fileId: string): Promise<{ revision: number; nameHash: string } | undefined> {
  const { revision, nameHash } = segments;
  const [row] = await db.select({ revision, nameHash }).from(segments).where(eq(segments.fileId, fileId));
  return row;
}

/** The ids of passages by their place, in the order asked for; undefined where the revision has been replaced. */
export async function listPassageIds(
  db: Db,
  places: readonly { fileId: string; revision: number; passage: number }[],
): Promise<(string | undefined)[]> {
  if (places.length === 0) return [];
  const wanted = sql.join(
    places.map(
      ({ fileId, revision, passage }, at) => sql`(${at}::int, ${fileId}, ${revision}::bigint, ${passage + 1}::int)`,
    ),
    sql`, `,
  );
  const rows = await db.execute<{ at: number; id: string }>(sql`
    select wanted.at, ${segments.passageIds}[wanted.place] as id
    from (values ${wanted}) as wanted (at, file_id, revision, place)
    join ${segments} on ${segments.fileId} = wanted.file_id and ${segments.revision} = wanted.revision`);
  const found = new Map([...rows].map(({ at, id }) => [at, id]));
  return places.map((_, at) => found.get(at));
}

/** The vectors by one model stored so far for a revision. */
export async function findVectors(
  db: Db,
  fileId: string,
  model: string,
  revision: number,
): Promise<Uint8Array | undefined> {
  const [row] = await db
    .select({ blob: vectors.blob })
    .from(vectors)
    .where(and(eq(vectors.fileId, fileId), eq(vectors.model, model), eq(vectors.revision, revision)));
  return row?.blob;
}

/** Stores a file's vectors by one model. */
export async function putVectors(
  tx: Transaction,
  fileId: string,
  model: string,
  revision: number,
  blob: Uint8Array,
): Promise<void> {
  const row = { revision, sizeBytes: blob.length, blob };
  const target = [vectors.fileId, vectors.model];
  await tx
    .insert(vectors)
    .values({ fileId, model, ...row })
    .onConflictDoUpdate({ target, set: row });
}

type WantedBlob = { readonly fileId: string; readonly revision: number; readonly sizeBytes: number };
type ReadBlob = { readonly fileId: string; readonly revision: number; readonly bytes: Uint8Array };

const sliceBytes = 2 * 1024 * 1024;

/** Blobs of these revisions, as far as they are still there: about 2 MB a step, so that decoding never holds the process up for long. */
export async function* readBlobs(
  { sql: query }: Database,
  table: "segments" | "vectors",
  wanted: readonly WantedBlob[],
  model: string,
): AsyncGenerator<ReadBlob[]> {
  const ofModel = table === "vectors" ? query`and model = ${model}` : query``;
  for (const batch of batchesOf(wanted.filter(({ sizeBytes }) => sizeBytes <= sliceBytes))) {
    const fileIds = batch.map(({ fileId }) => fileId);
    const rows = await query<{ file_id: string; revision: string; blob: Uint8Array }[]>`
      select file_id, revision, blob from ${query(table)} where file_id in ${query(fileIds)} ${ofModel}`;
    const found = new Map(rows.map((row) => [`${row.file_id} ${row.revision}`, row.blob]));
    yield batch.flatMap(({ fileId, revision }) => {
      const bytes = found.get(`${fileId} ${revision}`);
      return bytes ? [{ fileId, revision, bytes }] : [];
    });
  }
  for (const { fileId, revision, sizeBytes } of wanted.filter(({ sizeBytes }) => sizeBytes > sliceBytes)) {
    const bytes = new Uint8Array(sizeBytes);
    let at = 0;
    while (at < sizeBytes) {
      const [row] = await query<{ slice: Uint8Array }[]>`
        select substring(blob from ${at + 1}::int for ${sliceBytes}::int) as slice from ${query(table)}
        where file_id = ${fileId} and revision = ${revision} and size_bytes = ${sizeBytes} ${ofModel}`;
      if (!row?.slice.length) break;
      bytes.set(row.slice, at);
      at += row.slice.length;
    }
    if (at === sizeBytes) yield [{ fileId, revision, bytes }];
  }
}

/** Groups of blobs that make about one slice. */
function* batchesOf(wanted: readonly WantedBlob[]): Generator<WantedBlob[]> {
  let batch: WantedBlob[] = [];
  let size = 0;
  for (const item of wanted) {
    if (batch.length > 0 && (size + item.sizeBytes > sliceBytes || batch.length >= 500)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += item.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}
