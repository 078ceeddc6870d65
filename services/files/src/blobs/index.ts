import { join } from "node:path";
import type { BlobStore } from "./blob-store.ts";
import { openFilesystemBlobStore } from "./filesystem.ts";

export {
  BlobNotFoundError,
  type BlobStore,
  BlobStoreFullError,
  type ByteRange,
  type GrowingBlob,
} from "./blob-store.ts";

/** Opens the engine that keeps the bytes: a folder below the service's home. */
export function openBlobStore(home: string): Promise<BlobStore> {
  return openFilesystemBlobStore(join(home, "blobs"));
}
