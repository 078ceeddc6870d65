import { createHash, randomUUID } from "node:crypto";
import { access, type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  BlobExistsError,
  BlobNotFoundError,
  type BlobStore,
  BlobStoreFullError,
  checkKey,
  maxPieceBytes,
} from "./blob-store.ts";
import { codeOf, exists, isFull, makeFolder, syncFolder } from "./durable-files.ts";
import { createFileAppender } from "./file-appender.ts";
import { completeFile, openGrowingFile } from "./growing-file.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * Keeps blobs as files below `root`, fanned out into two levels of 256 folders, and those that grow in a folder of their own.
 * One process at a time may use a root: what an earlier one was putting is removed here.
 */
export async function openFilesystemBlobStore(root: string): Promise<BlobStore> {
  const incoming = join(root, "incoming");
  await rm(incoming, { recursive: true, force: true });
  const growing = join(root, "growing");
  for (const folder of [incoming, growing]) await mkdir(folder, { recursive: true });
  await syncFolder(root);
  const arriving = new Set<string>();
  const pathOf = (key: string) => {
    const hash = createHash("sha256").update(checkKey(key)).digest("hex");
    return join(root, hash.slice(0, 2), hash.slice(2, 4), key);
  };

  async function put(key: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const path = pathOf(key);
    // Renaming replaces silently, so writers of one key are told apart here.
    if (arriving.has(key)) throw new BlobExistsError(key);
    arriving.add(key);
    try {
      if (await exists(path)) throw new BlobExistsError(key);
      await putNew(path, join(incoming, `${key}.${randomUUID()}`), bytes, signal);
    } finally {
      arriving.delete(key);
    }
  }

  async function* read(key: string, range: { start: number; end: number } | undefined, signal: AbortSignal) {
    const handle = await openBlob(pathOf(key), key);
    yield* handle.createReadStream({ ...range, highWaterMark: maxPieceBytes, signal });
  }

  return {
    put,
    read,
    delete: (key) => rm(pathOf(key), { force: true }),
    grow: (key, mark) => openGrowingFile(join(growing, checkKey(key)), key, mark),
    complete: (key, mark) => completeFile(join(growing, checkKey(key)), pathOf(key), key, mark),
    abandon: (key) => rm(join(growing, checkKey(key)), { force: true }),
    ping: () => access(root),
  };
}

async function putNew(path: string, temporary: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  let written = temporary;
  try {
    await writeDurably(temporary, bytes, signal);
    await makeFolder(dirname(path));
    await rename(temporary, path);
    written = path;
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(written, { force: true });
    throw isFull(error) ? new BlobStoreFullError({ cause: error }) : error;
  }
}

async function writeDurably(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  await using handle = await open(path, "wx");
  using appender = createFileAppender(handle, 0);
  try {
    for await (const piece of untilAborted(bytes, signal)) await appender.write(piece);
  } finally {
    await appender.flush();
  }
  await handle.sync();
  // A source that is aborted may end like one that is complete.
  signal.throwIfAborted();
}

async function openBlob(path: string, key: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    throw codeOf(error) === "ENOENT" ? new BlobNotFoundError(key, { cause: error }) : error;
  }
}
