import { setTimeout as sleep } from "node:timers/promises";
import { uploadLocked } from "../errors.ts";

/** A request that writes an upload. */
export type Writer = {
  /** Ends it at once. */
  readonly stop: () => void;
  /** When its last byte came, in milliseconds of `performance.now()`. */
  readonly heardMs: () => number;
};

/** Who writes which upload in this process. Between processes the note of how far an upload has come tells writers apart. */
export type UploadLocks = {
  /**
   * Waits a moment for another writer to end: its connection may be gone, and it about to find out. One that has heard nothing
   * for long is stopped, as is any for a `takeOver`. Throws UPLOAD_LOCKED for one that goes on.
   */
  acquire(uploadId: string, writer: Writer, options?: { takeOver?: boolean }): Promise<Disposable>;
  /** Waits a moment for a writer to end, if there is one. */
  settle(uploadId: string): Promise<void>;
};

const momentMs = 300;
const silentMs = 3_000;

export function createUploadLocks(): UploadLocks {
  const held = new Map<string, { writer: Writer; released: Promise<void> }>();

  async function settle(uploadId: string): Promise<void> {
    const waiting = new AbortController();
    const moment = sleep(momentMs, undefined, { signal: waiting.signal }).catch(() => {});
    await Promise.race([held.get(uploadId)?.released, moment]);
    waiting.abort();
  }

  return {
    settle,
    async acquire(uploadId, writer, { takeOver = false } = {}) {
      const other = held.get(uploadId);
      if (other) {
        const isSilent = performance.now() - other.writer.heardMs() > silentMs;
        if (takeOver || isSilent) other.writer.stop();
        await settle(uploadId);
      }
      if (held.has(uploadId)) throw uploadLocked();
      const { promise: released, resolve } = Promise.withResolvers<void>();
      held.set(uploadId, { writer, released });
      return {
        [Symbol.dispose]() {
          held.delete(uploadId);
          resolve();
        },
      };
    },
  };
}
