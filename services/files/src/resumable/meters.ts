import { type ContentMeter, createContentMeter } from "../content-meter.ts";
import type { UploadRow } from "../upload-store.ts";

/** Each keeps the first 64 KiB of its upload. */
const maxMeters = 256;

/**
 * Keeps the hashes of uploads between their requests. One that is not kept any more, as after a restart, is no loss: the bytes
 * are read again once all of them are there.
 */
export type Meters = {
  /** The meter that has seen exactly what the upload has stored, if it is known. */
  take(upload: Pick<UploadRow, "id" | "offsetBytes">): ContentMeter | undefined;
  keep(uploadId: string, meter: ContentMeter | undefined): void;
  forget(uploadId: string): void;
};

export function createMeters(): Meters {
  const kept = new Map<string, ContentMeter>();
  return {
    take({ id, offsetBytes }) {
      const meter = offsetBytes === 0 ? createContentMeter() : kept.get(id);
      kept.delete(id);
      return meter?.sizeBytes() === offsetBytes ? meter : undefined;
    },
    keep(uploadId, meter) {
      if (!meter) return;
      kept.set(uploadId, meter);
      const [oldest] = kept.keys();
      if (kept.size > maxMeters && oldest !== undefined) kept.delete(oldest);
    },
    forget: (uploadId) => void kept.delete(uploadId),
  };
}
