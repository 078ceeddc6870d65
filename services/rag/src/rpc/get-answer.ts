import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { CitationSchema } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf } from "@lyceum/service";
import { type CitationRow, findAnswer } from "../answer-store.ts";
import { toSentence, toText } from "../answering/answer.ts";
import type { Context } from "../context.ts";
import { answerNotFound } from "../errors.ts";
import { hashQuote, locateQuotes } from "../locate-quotes.ts";
import { checkReadable, fetchPassages, type Reader, readAsCaller } from "../reader.ts";

export const getAnswer =
  (ctx: Context): MethodImpl<typeof RagService.method.getAnswer> =>
  async ({ answerId }, call) => {
    const row = await findAnswer(ctx.database.db, answerId, personOf(call).userId);
    if (!row) throw answerNotFound();
    const citations = await readCitations(ctx, readAsCaller(ctx, call), row.citations);
    const quotes = new Map(citations.flatMap(({ number, quote }) => (quote ? [[number, quote] as const] : [])));
    const { id, conversationId, question, finishReason, parts, createTime } = row;
    const text = toText(parts, quotes);
    return {
      answer: {
        id,
        conversationId,
        question,
        text,
        citations,
        finishReason,
        createTime: timestampFromDate(createTime),
      },
    };
  };

type Shown = MessageInitShape<typeof CitationSchema> & { number: number; quote: string };

/** The citations with what the caller may see of them now: a quote only where the same words still stand. */
async function readCitations(ctx: Context, reader: Reader, rows: readonly CitationRow[]): Promise<Shown[]> {
  const files = new Map<string, File>();
  await checkReadable(reader, new Set(rows.map(({ fileId }) => fileId)), files);
  // Of a purged file no passage is known any more.
  const readable = rows.filter(({ fileId, passageId }) => passageId && files.has(fileId));
  const [passages, locators] = await Promise.all([
    fetchPassages(
      ctx,
      reader,
      readable.map(({ passageId }) => passageId),
    ),
    locateQuotes(ctx, reader, readable),
  ]);
  return rows.map((row) => {
    const { number, passageId, fileId, charStart, charEnd, quoteHash } = row;
    const hidden = { number, passageId, fileId, fileName: "", quote: "", sentence: "", verified: false };
    const file = files.get(fileId);
    const passage = passages.get(passageId);
    const locator = locators[readable.indexOf(row)];
    if (!file || !passage?.locator || !locator) return { ...hidden, fileName: file?.name ?? "" };
    const offset = passage.locator.charStart;
    const quote = passage.text.slice(charStart - offset, charEnd - offset);
    if (hashQuote(quote) !== quoteHash) return { ...hidden, fileName: file.name };
    return { ...hidden, fileName: file.name, quote, sentence: toSentence(quote), locator, verified: true };
  });
}
