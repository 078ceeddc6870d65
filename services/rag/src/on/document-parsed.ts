import { type EventHandler, projection } from "@lyceum/events";
import { documentParsed } from "@lyceum/gen/events/lyceum/ingest/v1/document_parsed.ts";
import type { Context } from "../context.ts";
import { lockEntry, putEntry } from "../index-store.ts";
import { embedKind, indexKind } from "../jobs/index-payload.ts";

/**
 * Projection: a new revision of a document's passages is to be indexed; what was searchable before stays so until then. The jobs
 * that do it write to the index alone, and what they tell is told once: a replay has no readers.
 */
export const onDocumentParsed = ({ jobs }: Pick<Context, "jobs">): EventHandler =>
  projection(documentParsed, async ({ data: { fileId, ownerId, revision, version } }, tx) => {
    const known = await lockEntry(tx, fileId);
    if (known && known.documentVersion >= version) return;
    const entry = await putEntry(tx, fileId, ownerId, { revision, documentVersion: version, state: "INDEXING" });
    if (!entry || entry.trashed) return;
    await jobs.cancel(tx, embedKind, fileId);
    await jobs.enqueue(tx, { kind: indexKind, key: fileId, payload: { fileId, revision }, lane: ownerId });
  });
