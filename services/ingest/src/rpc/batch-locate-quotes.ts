import type { MethodImpl } from "@connectrpc/connect";
import type { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import { boxesBetween, unpackWords } from "../boxes.ts";
import { findPage, type PassageRow } from "../content-store.ts";
import type { Context } from "../context.ts";
import { findPassages } from "../find-passages.ts";
import { headingPathAt } from "../headings.ts";
import { toLocator } from "../messages.ts";
import type { Word } from "../parsers/parsed.ts";

export const batchLocateQuotes =
  (ctx: Context): MethodImpl<typeof IngestInternalService.method.batchLocateQuotes> =>
  async ({ quotes }) => {
    const found = await findPassages(
      ctx.database.db,
      quotes.map(({ passageId }) => passageId),
    );
    const wordsOf = createPageReader(ctx);
    const located = [];
    for (const quote of quotes) {
      const passage = found.get(quote.passageId)?.passage;
      const { charStart, charEnd } = quote;
      if (!passage || charStart < passage.charStart || charEnd > passage.charEnd || charStart >= charEnd) continue;
      const { start, words } = await wordsOf(passage);
      const boxes = boxesBetween(words, passage.page, charStart - start, charEnd - start);
      const locator = toLocator(passage, boxes, charStart, charEnd);
      const headingPath = headingPathAt(passage.headings, charStart - passage.charStart) ?? passage.headingPath;
      located.push({ quote, locator: { ...locator, headingPath } });
    }
    return { quotes: located };
  };

/** Reads each page once, however many quotes stand on it. */
function createPageReader(ctx: Context) {
  const pages = new Map<string, { start: number; words: Word[] }>();
  return async ({ contentId, page }: PassageRow) => {
    const key = `${contentId} ${page}`;
    let read = pages.get(key);
    if (!read) {
      const row = page > 0 ? await findPage(ctx.database.db, contentId, page) : undefined;
      read = { start: row?.charStart ?? 0, words: row && row.words.length > 0 ? unpackWords(row.words) : [] };
      pages.set(key, read);
    }
    return read;
  };
}
