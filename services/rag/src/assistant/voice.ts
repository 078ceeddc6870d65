import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import type { CitationSchema, FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { Context } from "../context.ts";
import type { AskedQuestion } from "./asked-question.ts";

/** What an answer came to. */
export type Said = {
  text: string;
  readonly citations: MessageInitShape<typeof CitationSchema>[];
  reason: FinishReason;
};

/** How an answer reaches people: as a message in the room that grows, or to the asker alone. */
export type Voice = {
  grow(offset: number, delta: string): Promise<void>;
  /** Says the whole of it, or that no more will come. A room or message that is gone meanwhile hears nothing. */
  finish(said: Said): Promise<void>;
};

const stepTimeoutMs = 10_000;
const maxText = 64_000;
const maxDelta = 16_000;
const maxCitations = 100;

/** Begins to speak; undefined if there is nobody to speak to any more, or all has been said by an earlier try. */
export async function openVoice(
  { clients }: Pick<Context, "clients">,
  { roomId, questionId, answerId, askerId, isPrivate }: AskedQuestion,
  signal: AbortSignal,
): Promise<Voice | undefined> {
  const chat = clients.of(ChatInternalService);
  const toChat = () => clients.asService("chat", { signal, timeoutMs: stepTimeoutMs });
  const onlyUserId = isPrivate ? askerId : "";
  const beginning = { roomId, questionId, answerId, onlyUserId };
  const begun = await unlessGone(chat.beginAssistantMessage(beginning, await toChat()));
  if (!begun?.message || begun.message.finishReason) return undefined;
  if (isPrivate) {
    const place = { roomId, messageId: questionId, answerId, onlyUserId };
    const send = async (offset: number, delta: string, done: boolean) => {
      for (let at = 0; at === 0 || at < delta.length; at += maxDelta) {
        const piece = delta.slice(at, at + maxDelta);
        const isLast = at + maxDelta >= delta.length;
        await chat.growAssistantMessage(
          { ...place, offset: offset + at, delta: piece, done: done && isLast },
          await toChat(),
        );
      }
    };
    return {
      grow: (offset, delta) => send(offset, delta, false),
      finish: ({ text }) => send(text.length, "", true),
    };
  }
  const place = { roomId, messageId: begun.message.id };
  return {
    async grow(offset, delta) {
      for (let at = 0; at < delta.length; at += maxDelta) {
        const piece = { offset: offset + at, delta: delta.slice(at, at + maxDelta) };
        await chat.growAssistantMessage({ ...place, answerId, ...piece }, await toChat());
      }
    },
    async finish({ text, citations, reason }) {
      const whole = { text: text.slice(0, maxText), citations: citations.slice(0, maxCitations), finishReason: reason };
      await unlessGone(chat.finishAssistantMessage({ ...place, ...whole }, await toChat()));
    },
  };
}

/** What a call answers; undefined if the room or the message is gone. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) return undefined;
    throw error;
  }
}
