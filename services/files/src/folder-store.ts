import { type Db, storable } from "@lyceum/database";
import { and, desc, eq, inArray, isNull, not, sql } from "drizzle-orm";
import { one } from "./one.ts";
import { isAfter, type Position } from "./position.ts";
import { folders } from "./schema.ts";

export type FolderRow = typeof folders.$inferSelect;

/** Lets one transaction at a time change how a person's folders lie in one another. */
export async function lockFolders(tx: Db, ownerId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`folders ${ownerId}`}, 0))`);
}

/** A person's folder. */
export async function findFolder(db: Db, ownerId: string, folderId: string): Promise<FolderRow | undefined> {
  const [row] = await db.select().from(folders).where(isFolder(ownerId, folderId));
  return row;
}

/** A person's folder, which nobody deletes until the transaction ends. */
export async function holdFolder(tx: Db, ownerId: string, folderId: string): Promise<FolderRow | undefined> {
  const [row] = await tx.select().from(folders).where(isFolder(ownerId, folderId)).for("share");
  return row;
}

/** A page of a person's folders, those directly in one (null for the top level) or all; the latest first. */
export function listFolders(
  db: Db,
  ownerId: string,
  page: { parentId: string | null | undefined; after: Position | undefined; limit: number },
): Promise<FolderRow[]> {
  const { parentId } = page;
  const inParent = parentId === null ? isNull(folders.parentId) : parentId && eq(folders.parentId, parentId);
  return db
    .select()
    .from(folders)
    .where(and(eq(folders.ownerId, ownerId), not(folders.deleted), inParent || undefined, isAfter(folders, page.after)))
    .orderBy(desc(folders.createTime), desc(folders.id))
    .limit(page.limit);
}

/** How many folders a person has. */
export function countFolders(tx: Db, ownerId: string): Promise<number> {
  return tx.$count(folders, and(eq(folders.ownerId, ownerId), not(folders.deleted)));
}

/** A folder and those it lies in, from itself to the top level. */
export async function listAncestors(tx: Db, folderId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    with recursive up as (
      select id, parent_id from ${folders} where id = ${folderId}
      union all select next.id, next.parent_id from ${folders} next join up on next.id = up.parent_id
    ) select id from up`);
  return rows.map(({ id }) => id);
}

/** A folder and those within it, with how deep each lies below: 0 for itself. */
export async function listDescendants(tx: Db, folderId: string): Promise<{ id: string; depth: number }[]> {
  const rows = await tx.execute<{ id: string; depth: number }>(sql`
    with recursive down as (
      select id, 0 as depth from ${folders} where id = ${folderId}
      union all select next.id, down.depth + 1 from ${folders} next join down on next.parent_id = down.id
    ) select id, depth from down`);
  return [...rows];
}

/** Adds a folder. */
export async function insertFolder(tx: Db, folder: typeof folders.$inferInsert): Promise<FolderRow> {
  return one(await tx.insert(folders).values(folder).returning());
}

/** Changes a folder's name or place. */
export async function updateFolderRow(
  tx: Db,
  folderId: string,
  change: Partial<Pick<FolderRow, "name" | "parentId">>,
): Promise<FolderRow> {
  return one(await tx.update(folders).set(change).where(eq(folders.id, folderId)).returning());
}

/** Marks folders as deleted. */
export async function markDeleted(tx: Db, folderIds: readonly string[]): Promise<void> {
  await tx.update(folders).set({ deleted: true }).where(inArray(folders.id, folderIds));
}

/** Removes folders that are empty. */
export async function removeFolders(tx: Db, folderIds: readonly string[]): Promise<void> {
  await tx.delete(folders).where(inArray(folders.id, folderIds));
}

const isFolder = (ownerId: string, folderId: string) =>
  and(eq(folders.id, storable(folderId)), eq(folders.ownerId, ownerId), not(folders.deleted));
