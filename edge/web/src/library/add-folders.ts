import type { Dropped } from "./read-dropped.ts";

/** Makes the folders that dropped files lay in, each once and below `folderId`; answers the files by the folder they go to. */
export async function addFolders(
  dropped: readonly Dropped[],
  folderId: string,
  makeFolder: (name: string, parentId: string) => Promise<string>,
): Promise<ReadonlyMap<string, readonly File[]>> {
  const made = new Map([["", folderId]]);
  const files = new Map<string, File[]>();
  for (const { file, path } of dropped) {
    let parentId = folderId;
    for (const [depth, name] of path.entries()) {
      const key = path.slice(0, depth + 1).join("/");
      parentId = made.get(key) ?? (await makeFolder(name, parentId));
      made.set(key, parentId);
    }
    files.set(parentId, [...(files.get(parentId) ?? []), file]);
  }
  return files;
}
