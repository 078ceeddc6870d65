import { BlobNotFoundError } from "../blobs/index.ts";

/** Whether an error says that what has come of an upload is gone from the blob store: its sender has to begin anew. */
export const isLost = (error: unknown): boolean => error instanceof BlobNotFoundError;
