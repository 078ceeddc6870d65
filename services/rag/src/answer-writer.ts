import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { answerFinished } from "@lyceum/gen/events/lyceum/rag/v1/answer_finished.ts";
import {
  type CitationSchema,
  type FinishReason,
  FinishReasonSchema,
} from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { type AnswerRow, type CitationRow, finishAnswer, growAnswer } from "./answer-store.ts";
import { type AnswerPart, toMark, toSentence } from "./answering/answer.ts";
import type { Measures } from "./clock.ts";
import type { Context } from "./context.ts";
import { hashQuote } from "./locate-quotes.ts";
import type { Piece } from "./messages.ts";

/** A quote with its place, as its reader sees it. */
export type Quoted = MessageInitShape<typeof CitationSchema> & {
  readonly fileId: string;
  readonly passageId: string;
  readonly quote: string;
  readonly locator: { readonly charStart: number; readonly charEnd: number };
};

/** Writes an answer as it grows: at once for those who read along, and several times a second to where it is kept. */
export type AnswerWriter = {
  /** Says words of the answer's own. */
  say(words: string): void;
  /** Ends the sentence that was said since the last one, with its support. */
  endSentence(support: readonly Quoted[]): void;
  /** Says a sentence of a passage, verbatim. */
  sayQuote(quoted: Quoted): void;
  /** Stores what is not stored yet and ends the answer; false if it is no longer this writer's. */
  finish(reason: FinishReason, measures: Measures): Promise<boolean>;
};

/** Why a writer is to end: its asker wants it so; or another writes the answer, or it was deleted. */
export type WriterEnd = "stopped" | "lost";

/** On this topic processes tell each other which answer has grown, has ended or is to stop. */
export const answerTopic = "rag.answers";

const storeEveryMs = 200;
const retryDelaysMs = [200, 1_000, 3_000];

export function createAnswerWriter(
  { database, events, log }: Pick<Context, "database" | "events" | "log">,
  answer: Pick<AnswerRow, "id"> & { readonly lease: string },
  show: (piece: Piece) => void,
  onEnd: (why: WriterEnd) => void,
): AnswerWriter {
  const parts: AnswerPart[] = [];
  const numbers = new Map<string, number>();
  let sentence = "";
  let added: CitationRow[] = [];
  let timer: NodeJS.Timeout | undefined;
  let storing = Promise.resolve();

  const snapshot = (): AnswerPart[] => (sentence ? [...parts, { say: sentence }] : [...parts]);
  const storeSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      storing = storing.then(store);
    }, storeEveryMs).unref();
  };
  const store = async () => {
    const citations = added;
    try {
      const held = await database.transaction((tx) => growAnswer(tx, answer, snapshot(), citations));
      added = added.slice(citations.length);
      if (!held) onEnd("lost");
      else if (held.stopping) onEnd("stopped");
      tellGrowth(events, answer.id);
    } catch (error) {
      log.warn({ err: error, answerId: answer.id }, "An answer cannot be stored now.");
      storeSoon();
    }
  };
  const storeEnd = (reason: FinishReason, measures: Measures) =>
    database
      .transaction(async (tx) => {
        const held = await growAnswer(tx, answer, snapshot(), added);
        return held !== undefined && (await endAnswer({ events }, tx, answer.id, answer.lease, reason, measures));
      })
      .finally(() => tellGrowth(events, answer.id));
  const showText = (text: string) => {
    show({ event: { case: "delta", value: { text } } });
    storeSoon();
  };
  /** The number of a citation, and the piece that shows it unless one of the same words was shown before. */
  const cite = (quoted: Quoted, said: string): { number: number; show: () => void } => {
    const { fileId, passageId, quote, locator } = quoted;
    const { charStart, charEnd } = locator;
    const place = `${passageId} ${charStart} ${charEnd}`;
    const known = numbers.get(place);
    if (known !== undefined) return { number: known, show: () => {} };
    const number = numbers.size + 1;
    numbers.set(place, number);
    const row = { answerId: answer.id, number, fileId, passageId, charStart, charEnd, quoteHash: hashQuote(quote) };
    added = [...added, row];
    const citation = { ...quoted, number, sentence: said, verified: true };
    return { number, show: () => show({ event: { case: "citation", value: citation } }) };
  };

  return {
    say(words) {
      sentence += words;
      showText(words);
    },
    endSentence(support) {
      if (!sentence) return;
      const cited = support.map((quoted) => cite(quoted, sentence.trim()));
      const cites = [...new Set(cited.map(({ number }) => number))];
      parts.push(cites.length > 0 ? { say: sentence, cites } : { say: sentence });
      parts.push(...cites.map((number) => ({ mark: number })));
      sentence = "";
      if (cites.length > 0) showText(cites.map(toMark).join(""));
      for (const { show } of cited) show();
    },
    sayQuote(quoted) {
      const said = toSentence(quoted.quote);
      const gap = parts.length > 0 ? " " : "";
      const { number, show } = cite(quoted, said);
      parts.push(...(gap ? [{ say: gap }] : []), { cite: number }, { mark: number });
      showText(`${gap}${said}${toMark(number)}`);
      show();
    },
    async finish(reason, measures) {
      clearTimeout(timer);
      await storing;
      for (const delayMs of retryDelaysMs) {
        try {
          return await storeEnd(reason, measures);
        } catch (error) {
          log.warn({ err: error, answerId: answer.id }, "An answer's end cannot be stored now.");
          await sleep(delayMs);
        }
      }
      return storeEnd(reason, measures);
    },
  };
}

/** Ends an answer and tells of it, in one transaction; false if it is not held by this lease, or abandoned if there is none. */
export async function endAnswer(
  { events }: Pick<Context, "events">,
  ...[tx, id, lease, reason, measures]: Parameters<typeof finishAnswer>
): Promise<boolean> {
  const ended = await finishAnswer(tx, id, lease, reason, measures);
  if (!ended) return false;
  const { conversationId, ownerId: userId, version } = ended;
  const finishReason = FinishReasonSchema.value[reason]?.name ?? "";
  await events.append(
    tx,
    answerFinished({ answerId: id, conversationId: conversationId ?? "", userId, finishReason, version }),
  );
  return true;
}

/** Tells other processes, where someone may be reading along. */
export function tellGrowth(events: Context["events"], answerId: string): void {
  events.signal(answerTopic, answerId, new Uint8Array()).catch(() => {});
}
