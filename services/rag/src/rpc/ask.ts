import type { MessageInitShape } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import type { Locator } from "@lyceum/gen/proto/lyceum/ingest/v1/locator_pb.ts";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { AskResponseSchema, RagService } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { personOf, traceIdOf } from "@lyceum/service";
import { type AnswerWriter, beginAnswer, checkConversation } from "../answer-writer.ts";
import { notInFilesText, toMark, toSentence } from "../answering/answer.ts";
import { type Extract, extractSentences } from "../answering/extract.ts";
import { type Clock, startClock } from "../clock.ts";
import type { Context } from "../context.ts";
import { hashQuote, locateQuotes } from "../locate-quotes.ts";
import { toPassageMessage } from "../messages.ts";
import { type Reader, readerOf } from "../reader.ts";
import type { Retrieval } from "../retrieval.ts";
import { retrieve } from "../retrieve.ts";

/** Passages an answer is drawn from. */
const passageLimit = 5;

type Piece = MessageInitShape<typeof AskResponseSchema>;

export const ask = (ctx: Context): MethodImpl<typeof RagService.method.ask> =>
  async function* ({ question, conversationId, fileIds, roomId }, call) {
    const clock = startClock();
    const { userId } = personOf(call);
    await checkConversation(ctx, conversationId, userId);
    const reader = await readerOf(ctx, call, roomId);
    const retrieval = await retrieve(ctx, reader, { query: question, fileIds, limit: passageLimit });
    clock.mark("retrieval");
    const answer = await beginAnswer(ctx, { userId, conversationId, question });
    let reason: FinishReason = FinishReason.STOPPED;
    try {
      yield toRetrieved(answer, retrieval);
      reason = yield* speak(ctx, reader, retrieval, answer, clock);
      await answer.finish(reason);
      yield toDone(answer, reason, clock, traceIdOf(call));
    } catch (error) {
      if (!call.signal.aborted) reason = FinishReason.ERROR;
      throw error;
    } finally {
      // Whoever stops reading ends the generator here; an answer that has ended stays as it is.
      await answer.finish(reason);
    }
  };

/** Says the best sentences, each with its citation, storing them as they go. */
async function* speak(
  ctx: Context,
  reader: Reader,
  retrieval: Retrieval,
  answer: AnswerWriter,
  clock: Clock,
): AsyncGenerator<Piece, FinishReason> {
  const located = await locate(ctx, reader, await extractSentences(retrieval, ctx.embedder, reader.signal));
  if (located.length === 0) {
    await answer.say([{ say: notInFilesText }]);
    clock.mark("firstDelta");
    yield { event: { case: "delta", value: { text: notInFilesText } } };
    return FinishReason.NOT_IN_FILES;
  }
  for (const [index, { extract, quote, locator }] of located.entries()) {
    reader.signal.throwIfAborted();
    const number = index + 1;
    const { passage, file } = extract.source;
    const { charStart, charEnd } = locator;
    const place = { fileId: file.id, passageId: passage.id, charStart, charEnd };
    const gap = index > 0 ? " " : "";
    const parts = [...(gap ? [{ say: gap }] : []), { cite: number }, { say: toMark(number) }];
    await answer.say(parts, { number, ...place, quoteHash: hashQuote(quote) });
    const sentence = toSentence(quote);
    clock.mark("firstDelta");
    yield { event: { case: "delta", value: { text: `${gap}${sentence}${toMark(number)}` } } };
    const { id: fileId, name: fileName } = file;
    const citation = { number, passageId: passage.id, fileId, fileName, quote, sentence, locator, verified: true };
    yield { event: { case: "citation", value: citation } };
  }
  return FinishReason.STOP;
}

/** The extracts with their quotes and places; what ingest no longer has is left out. */
async function locate(ctx: Context, reader: Reader, extracts: readonly Extract[]) {
  const stretches = extracts.map(({ source: { passage }, start, end }) => {
    const offset = passage.locator?.charStart ?? 0;
    return { passageId: passage.id, charStart: offset + start, charEnd: offset + end };
  });
  const locators = await locateQuotes(ctx, reader, stretches);
  return extracts.flatMap((extract, at) => {
    const locator: Locator | undefined = locators[at];
    const quote = extract.source.passage.text.slice(extract.start, extract.end);
    return locator ? [{ extract, quote, locator }] : [];
  });
}

function toRetrieved({ answerId, conversationId }: AnswerWriter, { passages }: Retrieval): Piece {
  return {
    event: { case: "retrieved", value: { answerId, conversationId, passages: passages.map(toPassageMessage) } },
  };
}

function toDone(
  { answerId, conversationId }: AnswerWriter,
  finishReason: FinishReason,
  clock: Clock,
  traceId: string,
): Piece {
  const timings = clock.timings();
  return { event: { case: "done", value: { answerId, conversationId, finishReason, usage: {}, timings, traceId } } };
}
