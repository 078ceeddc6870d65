import { join } from "node:path";
import type { Database } from "@lyceum/database";
import { StartError } from "@lyceum/service";
import type { BlobSettings } from "../config.ts";
import type { BlobStore } from "./blob-store.ts";
import { openFilesystemBlobStore } from "./filesystem.ts";

export {
  BlobNotFoundError,
  type BlobStore,
  BlobStoreFullError,
  type ByteRange,
  type GrowingBlob,
} from "./blob-store.ts";

/** What opens and closes with the store. */
export type OpenBlobStore = BlobStore & AsyncDisposable;

/**
 * Opens the engine that keeps the bytes: a bucket, or a folder below the service's home. A folder is one process's alone: another
 * that shares the database does not start.
 */
export async function openBlobStore(
  home: string,
  settings: BlobSettings = { provider: "filesystem" },
  database?: Pick<Database, "lease">,
): Promise<OpenBlobStore> {
  if (settings.provider === "s3") {
    // Loaded only where it is used: the SDK costs every start a tenth of a second.
    const { openS3BlobStore } = await import("./s3.ts");
    const store = await openS3BlobStore(settings);
    return { ...store, [Symbol.asyncDispose]: async () => store[Symbol.dispose]() };
  }
  const lease = await database?.lease("files in a folder");
  if (database && !lease) {
    throw new StartError(
      "Another process keeps the files of this database in a folder of its own: set FILES_S3_BUCKET for both.",
    );
  }
  const store = await openFilesystemBlobStore(join(home, "blobs"));
  return { ...store, [Symbol.asyncDispose]: async () => lease?.[Symbol.asyncDispose]() };
}
