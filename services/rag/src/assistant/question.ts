import { createHash } from "node:crypto";
import { type Message, MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import type { Turn } from "../generator/generator.ts";

/** What a message calls the assistant by. */
const address = /^\s*@assistant(?=$|[\s:,])(\s+private:)?[\s:,]*/i;
/** How far back a question may point: three answers and what they were asked. */
const maxTurns = 6;

/** What a message asks the assistant, without its name; undefined if it asks nothing. */
export function findQuestion(text: string): string | undefined {
  const called = address.exec(text)?.[0];
  return called === undefined ? undefined : text.slice(called.length).trim();
}

/** What was last said between a room and its assistant, the oldest first. What people say to each other is not part of it. */
export function toTurns(history: readonly Message[]): Turn[] {
  const turns = history.flatMap(({ kind, text }): Turn[] => {
    if (kind === MessageKind.ASSISTANT) return text ? [{ asker: false, text }] : [];
    const question = kind === MessageKind.TEXT ? findQuestion(text) : undefined;
    return question ? [{ asker: true, text: question }] : [];
  });
  return turns.slice(-maxTurns);
}

/** The id of the answer to a question, a UUID v7 of its time: one question has one answer, however often the event is handled. */
export function toAnswerId(questionId: string): string {
  const hash = createHash("sha256").update(`answer ${questionId}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hash.charAt(3), 16) & 3];
  return `${questionId.slice(0, 13)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
