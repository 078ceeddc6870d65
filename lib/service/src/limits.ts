/** Bounds that hold for every call, however it comes in. */
export const limits = {
  /** The largest request message. */
  readMaxBytes: 4 * 1024 * 1024,
  /** The largest response message; clients inside Lyceum read as much. */
  writeMaxBytes: 64 * 1024 * 1024,
  /** A unary call that names no deadline gets this one. */
  defaultTimeoutMs: 30_000,
  /** The longest deadline a caller may name. */
  maxTimeoutMs: 3_600_000,
  /** How far an in-process stream runs ahead of its reader, in messages. */
  runAhead: 16,
};
