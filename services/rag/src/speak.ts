import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { AnswerWriter, Quoted } from "./answer-writer.ts";
import { notInFilesText } from "./answering/answer.ts";
import { checkClaims } from "./answering/check-claims.ts";
import type { Extract } from "./answering/extract.ts";
import { createSentenceReader, type Step } from "./answering/read-sentences.ts";
import type { Measures } from "./clock.ts";
import type { Context } from "./context.ts";
import type { GeneratorRequest } from "./generator/generator.ts";
import { locateQuotes } from "./locate-quotes.ts";
import type { Reader } from "./reader.ts";

/** How an answer came to its end. */
export type Spoken = {
  readonly reason: FinishReason;
  readonly counted: Pick<Measures, "inputTokens" | "outputTokens" | "droppedCitations">;
};

type SpeakContext = Pick<Context, "clients" | "embedder" | "generator">;
type Ingest = Pick<Reader, "toIngest" | "signal">;

/**
 * Says what the generator makes of a request, every citation checked. What no passage supports in any sentence is not in the files. Throws
 * the generator's error, or the signal's reason.
 */
export async function speak(
  ctx: SpeakContext,
  ingest: Ingest,
  request: GeneratorRequest,
  writer: AnswerWriter,
): Promise<Spoken> {
  const words = createSentenceReader();
  const said = { text: false, cited: false, dropped: 0 };
  const say = (text: string) => {
    said.text = true;
    writer.say(text);
  };
  const takeSteps = async (steps: readonly Step[]) => {
    for (const step of steps) {
      if ("text" in step) say(step.text);
      else await endSentence(step.sentence, step.claims);
    }
  };
  const endSentence = async (sentence: string, claims: readonly number[]) => {
    const { passages } = request.retrieval;
    const { support, dropped } = await checkClaims(sentence, claims, passages, ctx.embedder, ingest.signal);
    const quoted = await quote(ctx, ingest, support);
    said.cited ||= quoted.length > 0;
    said.dropped += dropped;
    writer.endSentence(quoted);
  };
  const takeQuotes = async (extracts: readonly Extract[]) => {
    for (const quoted of await quote(ctx, ingest, extracts)) {
      said.cited = true;
      writer.sayQuote(quoted);
    }
  };

  const utterances = ctx.generator.answer(request, ingest.signal);
  try {
    let next = await utterances.next();
    for (; !next.done; next = await utterances.next()) {
      ingest.signal.throwIfAborted();
      if ("quotes" in next.value) await takeQuotes(next.value.quotes);
      else await takeSteps(words.push(next.value.words));
    }
    await takeSteps(words.end());
    const { reason, inputTokens, outputTokens } = next.value;
    const counted = { inputTokens, outputTokens, droppedCitations: said.dropped };
    if (said.cited) return { reason, counted };
    say(said.text ? `\n\n${notInFilesText}` : notInFilesText);
    writer.endSentence([]);
    return { reason: FinishReason.NOT_IN_FILES, counted };
  } finally {
    // Whatever broke this off, the model stops too.
    await utterances.return?.(undefined as never);
  }
}

/** The extracts with their quotes and places; what ingest no longer has is left out. */
async function quote(ctx: SpeakContext, ingest: Ingest, extracts: readonly Extract[]): Promise<Quoted[]> {
  const stretches = extracts.map(({ source: { passage }, start, end }) => {
    const offset = passage.locator?.charStart ?? 0;
    return { passageId: passage.id, charStart: offset + start, charEnd: offset + end };
  });
  const locators = await locateQuotes(ctx, ingest, stretches);
  return extracts.flatMap(({ source: { passage, file }, start, end }, at) => {
    const locator = locators[at];
    const text = passage.text.slice(start, end);
    return locator ? [{ passageId: passage.id, fileId: file.id, fileName: file.name, quote: text, locator }] : [];
  });
}
