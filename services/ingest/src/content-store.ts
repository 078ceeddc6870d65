import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Db } from "@lyceum/database";
import { newId } from "@lyceum/service";
import { and, asc, eq, gte, inArray, or } from "drizzle-orm";
import type { ParsedFile } from "./parsing/parsed-file.ts";
import { contents, pages, passages } from "./schema.ts";

/** Raise it when parsers read differently: what was read before is then read anew at the next upload or retry. */
const parserVersion = 3;
const rowsPerInsert = 500;

/** A content without its text. */
export type ContentRow = Pick<typeof contents.$inferSelect, "id" | "pageCount" | "passageCount" | "failedPages">;
export type PassageRow = typeof passages.$inferSelect;

const contentColumns = {
  id: contents.id,
  pageCount: contents.pageCount,
  passageCount: contents.passageCount,
  failedPages: contents.failedPages,
};

/** What was read in these bytes of this owner before. */
export async function findContent(db: Db, ownerId: string, sha256: string): Promise<ContentRow | undefined> {
  const [row] = await db
    .select(contentColumns)
    .from(contents)
    .where(and(eq(contents.ownerId, ownerId), eq(contents.sha256, sha256), eq(contents.parserVersion, parserVersion)));
  return row;
}

/** A parsed file, ready to be stored: compressed before any transaction is open. */
export type PackedFile = { readonly file: ParsedFile; readonly text: Uint8Array };

export async function packFile(file: ParsedFile): Promise<PackedFile> {
  return { file, text: await promisify(gzip)(file.text) };
}

/** Stores what was read, unless another document of the same bytes was faster. */
export async function insertContent(
  db: Db,
  owner: { ownerId: string; sha256: string },
  { file, text }: PackedFile,
): Promise<ContentRow> {
  const id = newId();
  const { ownerId, sha256 } = owner;
  const [row] = await db
    .insert(contents)
    .values({
      id,
      ownerId,
      sha256,
      parserVersion,
      text,
      pageCount: file.pageCount,
      passageCount: file.passages.length,
      failedPages: file.failedPages,
      createTime: new Date(),
    })
    .onConflictDoNothing()
    .returning(contentColumns);
  if (!row) return (await findContent(db, ownerId, sha256)) as ContentRow;
  await insertInSlices(file.pages, (slice) =>
    db.insert(pages).values(
      slice.map(({ number, start, end, words }) => ({
        contentId: id,
        number,
        charStart: start,
        charEnd: end,
        words,
      })),
    ),
  );
  let ordinal = 0;
  await insertInSlices(file.passages, (slice) =>
    db.insert(passages).values(
      slice.map(({ start, end, headingPath, headings, ...place }) => ({
        contentId: id,
        ordinal: ordinal++,
        charStart: start,
        charEnd: end,
        ...place,
        headingPath: [...headingPath],
        headings: [...headings],
        text: file.text.slice(start, end).toWellFormed(),
      })),
    ),
  );
  return row;
}

/** Erases what was read in these bytes of this owner, by whatever parser, with pages and passages. */
export async function deleteContents(db: Db, { ownerId, sha256 }: { ownerId: string; sha256: string }): Promise<void> {
  await db.delete(contents).where(and(eq(contents.ownerId, ownerId), eq(contents.sha256, sha256)));
}

async function insertInSlices<T>(rows: readonly T[], insert: (slice: T[]) => PromiseLike<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerInsert) await insert(rows.slice(at, at + rowsPerInsert));
}

/** The whole text of a content. */
export async function getContentText(db: Db, contentId: string): Promise<string> {
  const [row] = await db.select({ text: contents.text }).from(contents).where(eq(contents.id, contentId));
  if (!row) throw new Error("A document's content is there as long as the document.");
  return (await promisify(gunzip)(row.text)).toString("utf8");
}

/** Where the pages stand in the text. */
export function listPages(
  db: Db,
  contentId: string,
): Promise<{ number: number; charStart: number; charEnd: number }[]> {
  return db
    .select({ number: pages.number, charStart: pages.charStart, charEnd: pages.charEnd })
    .from(pages)
    .where(eq(pages.contentId, contentId))
    .orderBy(asc(pages.number));
}

/** One page with its words. */
export async function findPage(
  db: Db,
  contentId: string,
  number: number,
): Promise<typeof pages.$inferSelect | undefined> {
  const [row] = await db
    .select()
    .from(pages)
    .where(and(eq(pages.contentId, contentId), eq(pages.number, number)));
  return row;
}

/** Passages in reading order from `firstOrdinal` on. */
export function listPassages(db: Db, contentId: string, firstOrdinal: number, limit: number): Promise<PassageRow[]> {
  return db
    .select()
    .from(passages)
    .where(and(eq(passages.contentId, contentId), gte(passages.ordinal, firstOrdinal)))
    .orderBy(asc(passages.ordinal))
    .limit(limit);
}

/** Single passages; unknown ones are left out. */
export async function listPassagesAt(
  db: Db,
  places: readonly { contentId: string; ordinal: number }[],
): Promise<PassageRow[]> {
  const byContent = Map.groupBy(places, ({ contentId }) => contentId);
  if (byContent.size === 0) return [];
  return db
    .select()
    .from(passages)
    .where(
      or(
        ...[...byContent].map(([contentId, found]) =>
          and(
            eq(passages.contentId, contentId),
            inArray(
              passages.ordinal,
              found.map(({ ordinal }) => ordinal),
            ),
          ),
        ),
      ),
    );
}
