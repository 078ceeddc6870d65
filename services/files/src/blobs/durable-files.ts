import { access, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes both levels of a fan-out folder last: a folder that is not synced into its parent may be gone after a crash. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (!made) return;
  await syncFolder(dirname(folder));
  await syncFolder(dirname(dirname(folder)));
}

/** Makes the entries of a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no handle for a folder; NTFS journals its entries.
  if (process.platform === "win32") return;
  await using handle = await open(folder, "r");
  await handle.sync();
}

/** Whether there is a file. */
export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Whether an error says that there is no room; EFBIG is a file too large for the file system or the process' limit. */
export const isFull = (error: unknown) => ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(error));

/** The system's word for an error, such as ENOENT. */
export const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);
