import type { ReadModel, ReadModelWork } from "@lyceum/service";
import { sql } from "drizzle-orm";
import type { Context } from "./context.ts";
import { createEmbedJob } from "./jobs/embed-document.ts";
import { createForgetJob } from "./jobs/forget-vectors.ts";
import { createIndexJob } from "./jobs/index-document.ts";
import { indexKind } from "./jobs/index-payload.ts";
import { onAccessChanged } from "./on/access-changed.ts";
import { onDocumentParsed } from "./on/document-parsed.ts";
import { onFileDeleted } from "./on/file-deleted.ts";
import { onFilePurged } from "./on/file-purged.ts";
import { onFileRestored } from "./on/file-restored.ts";
import { onFileUpdated } from "./on/file-updated.ts";
import { onRoomChanged } from "./on/room-changed.ts";

/** The search index and who may read what is in it. */
export const readModel: ReadModel = {
  tables: ["entries", "segments", "vectors", "grants", "room_members", "deleted_rooms"],
  /**
   * Versions of what rag tells go on rising, and so do the builds that caches tell segments by. A revision that the old tables
   * have not told of yet is told by the new: nobody heard the generation.
   */
  async carryOver(tx) {
    await tx.execute(sql`
      update entries set version = greatest(entries.version, old.version) + 1
      from public.entries old where old.file_id = entries.file_id`);
    await tx.execute(sql`
      with untold as (
        update entries set state = 'INDEXING' from public.entries old
        where old.file_id = entries.file_id and entries.state in ('SEARCHABLE', 'INDEXED', 'FAILED') and not entries.trashed
          and (old.state = 'INDEXING' or old.document_version < entries.document_version)
        returning entries.file_id, entries.owner_id, entries.revision)
      insert into public.jobs (id, kind, key, lane, payload)
      select gen_random_uuid(), ${indexKind}, file_id, owner_id, jsonb_build_object('fileId', file_id, 'revision', revision)
      from untold on conflict do nothing`);
    await tx.execute(sql`
      update segments set build = segments.build + old.build from public.segments old where old.file_id = segments.file_id`);
  },
};

/** What keeps the read model up to date. */
export function createReadModelWork(ctx: Context): Required<ReadModelWork> {
  return {
    handlers: [
      onDocumentParsed(ctx),
      onFileDeleted(ctx),
      onFileRestored(ctx),
      onFileUpdated(ctx),
      onFilePurged(ctx),
      ...onAccessChanged(),
      ...onRoomChanged(),
    ],
    jobs: [createIndexJob(ctx), createEmbedJob(ctx), createForgetJob(ctx)],
  };
}
