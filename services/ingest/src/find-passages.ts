import type { Db } from "@lyceum/database";
import { listPassagesAt, type PassageRow } from "./content-store.ts";
import { passageId, readPassageId } from "./document.ts";
import { type DocumentRow, listDocumentsById } from "./store.ts";

/** A passage with the document it belongs to. */
export type FoundPassage = { readonly document: DocumentRow; readonly passage: PassageRow };

/** Passages by id; those of replaced revisions and unknown ones are left out. */
export async function findPassages(db: Db, passageIds: readonly string[]): Promise<Map<string, FoundPassage>> {
  const wanted = passageIds.map(readPassageId).filter((id) => id !== undefined);
  const rows = await listDocumentsById(db, [...new Set(wanted.map(({ fileId }) => fileId))]);
  const documents = new Map(rows.map((row) => [row.fileId, row]));
  const places = wanted.flatMap(({ fileId, revision, ordinal }) => {
    const document = documents.get(fileId);
    return document?.contentId && document.revision === revision
      ? [{ document, contentId: document.contentId, ordinal }]
      : [];
  });
  const passages = new Map(
    (await listPassagesAt(db, places)).map((row) => [`${row.contentId} ${row.ordinal}`, row] as const),
  );
  return new Map(
    places.flatMap(({ document, contentId, ordinal }) => {
      const passage = passages.get(`${contentId} ${ordinal}`);
      return passage ? [[passageId(document.fileId, document.revision, ordinal), { document, passage }] as const] : [];
    }),
  );
}
