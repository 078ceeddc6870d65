import { createHash } from "node:crypto";
import { IngestInternalService } from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_internal_service_pb.ts";
import type { Locator } from "@lyceum/gen/proto/lyceum/ingest/v1/locator_pb.ts";
import type { Context } from "./context.ts";
import { inBatches } from "./in-batches.ts";
import type { Reader } from "./reader.ts";

/** A stretch of a document's text, in UTF-16 units of the whole. */
export type Stretch = { readonly passageId: string; readonly charStart: number; readonly charEnd: number };

/** What ingest takes at once. */
const maxQuotes = 100;

/** Where each stretch stands, with the boxes of just these characters; undefined where it is no longer there. */
export async function locateQuotes(
  ctx: Pick<Context, "clients">,
  reader: Pick<Reader, "toIngest">,
  stretches: readonly Stretch[],
): Promise<(Locator | undefined)[]> {
  if (stretches.length === 0) return [];
  const options = await reader.toIngest();
  const ingest = ctx.clients.of(IngestInternalService);
  const quotes = await inBatches(
    stretches,
    maxQuotes,
    async (batch) => (await ingest.batchLocateQuotes({ quotes: batch.map(toQuote) }, options)).quotes,
  );
  const found = new Map(quotes.flatMap(({ quote, locator }) => (quote && locator ? [[keyOf(quote), locator]] : [])));
  return stretches.map((stretch) => found.get(keyOf(stretch)));
}

const toQuote = ({ passageId, charStart, charEnd }: Stretch) => ({ passageId, charStart, charEnd });

const keyOf = ({ passageId, charStart, charEnd }: Stretch) => `${passageId} ${charStart} ${charEnd}`;

/** What a quote is recognized by without being kept. */
export function hashQuote(quote: string): string {
  return createHash("sha256").update(quote).digest("hex");
}
