import type { Folder } from "@lyceum/client";

export type FolderMap = ReadonlyMap<string, Folder>;

/** The folders on the way from the top level to this one, which is the last. A circle ends where it began. */
export function pathTo(folders: FolderMap, folderId: string): Folder[] {
  const path: Folder[] = [];
  for (let folder = folders.get(folderId); folder && !path.includes(folder); folder = folders.get(folder.parentId)) {
    path.unshift(folder);
  }
  return path;
}

/** The folders directly in one, by name; those of the top level for an empty id. */
export function childrenOf(folders: FolderMap, parentId: string): Folder[] {
  return [...folders.values()]
    .filter((folder) => folder.parentId === parentId)
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** Where something may be moved, each with how deep it lies: every folder but itself and those within it. */
export function listPlaces(folders: FolderMap, moving?: string): { folder: Folder; depth: number }[] {
  const placesIn = (parentId: string, depth: number): { folder: Folder; depth: number }[] =>
    childrenOf(folders, parentId)
      .filter(({ id }) => id !== moving)
      .flatMap((folder) => [{ folder, depth }, ...placesIn(folder.id, depth + 1)]);
  return placesIn("", 0);
}
