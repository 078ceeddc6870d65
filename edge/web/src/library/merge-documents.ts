import type { Document } from "@lyceum/client";

export type DocumentMap = ReadonlyMap<string, Document>;

/** The map with each document at its latest state, whatever the order in which they arrive; the same map if nothing is newer. */
export function mergeDocuments(known: DocumentMap, arrived: readonly Document[]): DocumentMap {
  const newer = arrived.filter((document) => isNewer(document, known.get(document.fileId)));
  if (newer.length === 0) return known;
  const merged = new Map(known);
  for (const document of newer) {
    if (isNewer(document, merged.get(document.fileId))) merged.set(document.fileId, document);
  }
  return merged;
}

function isNewer({ updateTime: next }: Document, known: Document | undefined): boolean {
  const last = known?.updateTime;
  if (!last || !next) return true;
  return next.seconds === last.seconds ? next.nanos > last.nanos : next.seconds > last.seconds;
}
