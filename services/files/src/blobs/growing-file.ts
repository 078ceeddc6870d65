import { constants } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { BlobNotFoundError, BlobStoreFullError, type GrowingBlob } from "./blob-store.ts";
import { codeOf, exists, isFull, makeFolder, syncFolder } from "./durable-files.ts";
import { createFileAppender } from "./file-appender.ts";

/** Goes on with a blob that grows as the file `path`; a mark is its length. */
export async function openGrowingFile(path: string, key: string, mark: string | undefined): Promise<GrowingBlob> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT);
  let sizeBytes: number;
  try {
    sizeBytes = await cutTo(handle, key, mark ?? "0");
  } catch (error) {
    await handle.close();
    throw error;
  }
  const appender = createFileAppender(handle, sizeBytes);
  let isListed = mark !== undefined;
  return {
    write: (piece) => appender.write(piece).catch(throwFull),
    async sync() {
      const syncedBytes = await appender.flush().catch(throwFull);
      await handle.datasync();
      // A file that is not synced into its folder may be gone after a crash.
      if (!isListed) await syncFolder(dirname(path));
      isListed = true;
      return `${syncedBytes}`;
    },
    async [Symbol.asyncDispose]() {
      // What is under way would else be written to a closed file, or to another one.
      await appender.flush().catch(() => {});
      appender[Symbol.dispose]();
      await handle.close();
    },
  };
}

function throwFull(error: unknown): never {
  throw isFull(error) ? new BlobStoreFullError({ cause: error }) : error;
}

/** Moves a file that has grown to `mark` to where blobs are read; several may do so at once. */
export async function completeFile(growing: string, path: string, key: string, mark: string): Promise<void> {
  try {
    await cutFile(growing, key, mark);
    await makeFolder(dirname(path));
    await rename(growing, path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    if (!(await exists(path))) throw new BlobNotFoundError(key, { cause: error });
  }
  await syncFolder(dirname(path));
  await syncFolder(dirname(growing));
}

async function cutFile(path: string, key: string, mark: string): Promise<void> {
  await using handle = await open(path, constants.O_RDWR);
  await cutTo(handle, key, mark);
  await handle.datasync();
}

/** Cuts off what was written after the mark; answers its length. */
async function cutTo(handle: FileHandle, key: string, mark: string): Promise<number> {
  const sizeBytes = Number(mark);
  const stored = await handle.stat();
  if (stored.size < sizeBytes) throw new BlobNotFoundError(key);
  if (stored.size > sizeBytes) await handle.truncate(sizeBytes);
  return sizeBytes;
}
