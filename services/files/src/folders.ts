import type { Db, Transaction } from "@lyceum/database";
import { newId } from "@lyceum/service";
import { folderCycle, folderNotFound, folderTooDeep, tooManyFolders } from "./errors.ts";
import { maxFolderDepth, maxFolders } from "./file.ts";
import {
  countFolders,
  type FolderRow,
  findFolder,
  insertFolder,
  listAncestors,
  listDescendants,
  lockFolders,
  updateFolderRow,
} from "./folder-store.ts";

/** The folder that a request names: null for the top level, which is an empty id; undefined if it names none. */
export async function findPlace(
  db: Db,
  ownerId: string,
  folderId: string | undefined,
): Promise<string | null | undefined> {
  if (!folderId) return folderId === "" ? null : undefined;
  const folder = await findFolder(db, ownerId, folderId);
  if (!folder) throw folderNotFound();
  return folder.id;
}

/** Makes a folder of a person's. */
export async function makeFolder(
  tx: Transaction,
  ownerId: string,
  { name, parentId }: { name: string; parentId: string },
): Promise<FolderRow> {
  await lockFolders(tx, ownerId);
  const parent = (await findPlace(tx, ownerId, parentId)) ?? null;
  await checkDepth(tx, parent, 1);
  if ((await countFolders(tx, ownerId)) >= maxFolders) throw tooManyFolders(maxFolders);
  return insertFolder(tx, { id: newId(), ownerId, name, parentId: parent, createTime: new Date() });
}

/** Changes a person's folder; what is undefined stays. */
export async function changeFolder(
  tx: Transaction,
  ownerId: string,
  folderId: string,
  { name, parentId }: { name: string | undefined; parentId: string | undefined },
): Promise<FolderRow> {
  await lockFolders(tx, ownerId);
  const folder = await findFolder(tx, ownerId, folderId);
  if (!folder) throw folderNotFound();
  const parent = await findPlace(tx, ownerId, parentId);
  if (parent !== undefined) await checkMove(tx, folder.id, parent);
  const change = { ...(name !== undefined && { name }), ...(parent !== undefined && { parentId: parent }) };
  return Object.keys(change).length > 0 ? updateFolderRow(tx, folder.id, change) : folder;
}

async function checkMove(tx: Transaction, folderId: string, parentId: string | null): Promise<void> {
  const within = await listDescendants(tx, folderId);
  if (within.some(({ id }) => id === parentId)) throw folderCycle();
  await checkDepth(tx, parentId, 1 + Math.max(...within.map(({ depth }) => depth)));
}

/** Whether `levels` of folders may be put into this one. */
async function checkDepth(tx: Transaction, parentId: string | null, levels: number): Promise<void> {
  const above = parentId === null ? 0 : (await listAncestors(tx, parentId)).length;
  if (above + levels > maxFolderDepth) throw folderTooDeep(maxFolderDepth);
}
