import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { File } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { DocumentPassage } from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
import {
  type AnswerSchema,
  type CitationSchema,
  type PassageSchema,
  Rating,
} from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { CitationRow, StoredAnswer } from "./answer-store.ts";
import { type Shown, sentenceOf, textOf, toText } from "./answering/answer.ts";
import { toUsageAndTimings } from "./clock.ts";
import type { Context } from "./context.ts";
import { answerMoved } from "./errors.ts";
import { hashQuote, locateQuotes } from "./locate-quotes.ts";
import { type Piece, toDone } from "./messages.ts";
import { checkReadable, fetchPassages, type Reader } from "./reader.ts";

type Citation = MessageInitShape<typeof CitationSchema> & { readonly number: number; readonly quote: string };

/** An answer as its reader may see it now: a quote only where the same words still stand. */
export type ReadAnswer = { readonly row: StoredAnswer; readonly citations: readonly Citation[]; readonly shown: Shown };

type Sources = Pick<Context, "clients">;

/** Reads answers under a reader's rights. */
export async function readAnswers(ctx: Sources, reader: Reader, rows: readonly StoredAnswer[]): Promise<ReadAnswer[]> {
  const cited = rows.flatMap(({ citations }) => citations);
  const files = new Map<string, File>();
  await checkReadable(reader, new Set(cited.map(({ fileId }) => fileId)), files);
  const readable = cited.filter(({ fileId, passageId }) => files.has(fileId) && passageId !== "");
  const [passages, locators] = await Promise.all([
    fetchPassages(
      ctx,
      reader,
      readable.map(({ passageId }) => passageId),
    ),
    locateQuotes(ctx, reader, readable),
  ]);
  const places = new Map(readable.map((row, at) => [row, locators[at]]));
  return rows.map((row) => {
    const read = row.citations.map((citation) => {
      const passage = passages.get(citation.passageId);
      const locator = places.get(citation);
      return readCitation(citation, row, { file: files.get(citation.fileId), passage, locator });
    });
    const quotes = new Map(read.flatMap(({ number, quote }) => (quote ? [[number, quote] as const] : [])));
    const numbers = new Set(row.citations.filter(({ fileId }) => files.has(fileId)).map(({ number }) => number));
    return { row, citations: read, shown: { quotes, isReadable: (number) => numbers.has(number) } };
  });
}

type Found = {
  readonly file: File | undefined;
  readonly passage: DocumentPassage | undefined;
  readonly locator: Citation["locator"];
};

function readCitation(citation: CitationRow, { parts }: StoredAnswer, { file, passage, locator }: Found): Citation {
  const { number, passageId, fileId, charStart, charEnd, quoteHash } = citation;
  const hidden = { number, passageId, fileId, fileName: file?.name ?? "", quote: "", sentence: "", verified: false };
  if (!file || !passage?.locator || !locator) return hidden;
  const offset = passage.locator.charStart;
  const quote = passage.text.slice(charStart - offset, charEnd - offset);
  if (hashQuote(quote) !== quoteHash) return hidden;
  return { ...hidden, quote, sentence: sentenceOf(number, parts, quote), locator, verified: true };
}

/** An answer as clients see it. */
export function toAnswerMessage({ row, citations, shown }: ReadAnswer): MessageInitShape<typeof AnswerSchema> {
  const { id, conversationId, question, finishReason, parts, createTime, rating } = row;
  return {
    id,
    conversationId: conversationId ?? "",
    question,
    text: toText(parts, shown),
    citations: [...citations],
    finishReason,
    createTime: timestampFromDate(createTime),
    rating: rating ?? Rating.UNSPECIFIED,
  };
}

/** What an answer is drawn from, as far as its reader may read it now. */
export async function toRetrievedPiece(ctx: Sources, reader: Reader, row: StoredAnswer): Promise<Piece> {
  const files = new Map<string, File>();
  await checkReadable(reader, new Set(row.passages.map(({ fileId }) => fileId)), files);
  const readable = row.passages.filter(({ fileId }) => files.has(fileId));
  const found = await fetchPassages(
    ctx,
    reader,
    readable.map(({ id }) => id),
  );
  const passages = readable.flatMap(({ id, fileId, score }): MessageInitShape<typeof PassageSchema>[] => {
    const passage = found.get(id);
    if (!passage) return [];
    const { text, locator } = passage;
    return [{ id, fileId, fileName: files.get(fileId)?.name ?? "", text, score, ...(locator && { locator }) }];
  });
  const { id: answerId, conversationId } = row;
  return { event: { case: "retrieved", value: { answerId, conversationId: conversationId ?? "", passages } } };
}

/** How much of an answer a reader has had. */
export type Progress = { length: number; readonly numbers: Set<number> };

/** What a reader has not had yet of an answer's text and citations. Throws `aborted` if the answer was begun anew. */
export function* toNewPieces({ row, citations, shown }: ReadAnswer, had: Progress): Generator<Piece> {
  const toDelta = (text: string): Piece => ({ event: { case: "delta", value: { text } } });
  let length = 0;
  let fresh = "";
  for (const part of row.parts) {
    const text = textOf(part, shown);
    fresh += text.slice(Math.max(0, had.length - length));
    length += text.length;
    if (!("mark" in part) || had.numbers.has(part.mark)) continue;
    if (fresh) yield toDelta(fresh);
    fresh = "";
    had.length = Math.max(had.length, length);
    had.numbers.add(part.mark);
    const citation = citations.find(({ number }) => number === part.mark);
    if (citation) yield { event: { case: "citation", value: citation } };
  }
  if (length < had.length) throw answerMoved();
  if (fresh) yield toDelta(fresh);
  had.length = length;
}

/** The last piece of an answer that has ended. */
export function toDonePiece({ id: answerId, conversationId, finishReason, measures }: StoredAnswer): Piece {
  return toDone({ answerId, conversationId: conversationId ?? "", finishReason, ...toUsageAndTimings(measures) });
}

/** The pieces of an answer that has ended, from the first to `done`. */
export async function* readStored(ctx: Sources, reader: Reader, row: StoredAnswer): AsyncGenerator<Piece> {
  yield await toRetrievedPiece(ctx, reader, row);
  const [answer] = await readAnswers(ctx, reader, [row]);
  if (answer) yield* toNewPieces(answer, { length: 0, numbers: new Set() });
  yield toDonePiece(row);
}
