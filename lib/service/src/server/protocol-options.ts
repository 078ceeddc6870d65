import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import { limits } from "../limits.ts";

/** How messages are read and written over HTTP, whoever serves a call. */
export const protocolOptions = {
  acceptCompression: [compressionGzip, compressionBrotli],
  compressMinBytes: 1024,
  readMaxBytes: limits.readMaxBytes,
  writeMaxBytes: limits.writeMaxBytes,
  maxTimeoutMs: limits.maxTimeoutMs,
  jsonOptions: { alwaysEmitImplicit: true },
};
