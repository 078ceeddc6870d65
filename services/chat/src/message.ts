import { invalidField } from "@lyceum/service";

/** A question that a message puts to the assistant. */
export type AssistantQuestion = { readonly private: boolean };

/** A text as it is stored. A message without files has something to say. */
export function readText(given: string, fileCount = 0): string {
  if (given.includes("\0")) throw invalidField("text", "must not contain NUL characters");
  if (given.trim() === "" && fileCount === 0) throw invalidField("text", "must not be blank");
  return given.toWellFormed();
}

/** The sender's own id of a message, or null for none. */
export function readClientId(given: string): string | null {
  if (given.includes("\0")) throw invalidField("client_id", "must not contain NUL characters");
  return given === "" ? null : given.toWellFormed();
}

/** One emoji: what Unicode recommends, or one pictograph in a form it does not. */
export function readEmoji(given: string): string {
  if (!emoji.test(given)) throw invalidField("emoji", "must be one emoji");
  return given;
}

const emoji = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\ufe0f?)$/v;

/** What a text asks of the assistant, if it begins with its name. */
export function findQuestion(text: string): AssistantQuestion | undefined {
  const match = /^@assistant(?=$|[\s:,])(\s+private:)?/i.exec(text.trimStart());
  return match ? { private: match[1] !== undefined } : undefined;
}
