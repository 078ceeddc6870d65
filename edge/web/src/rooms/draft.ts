import type { File, Message } from "@lyceum/client";

/** What a person is about to say in a room; it stays while they look elsewhere. */
export type Draft = {
  readonly text: string;
  readonly replyTo?: Message;
  /** The message whose text is being changed. */
  readonly editing?: Message;
  readonly attachments: readonly Attachment[];
};

/** A file to send along: one of the library, or one that is on its way there. */
export type Attachment = {
  readonly key: string;
  readonly name: string;
  readonly file?: Pick<File, "id" | "name" | "mediaType">;
};

export const emptyDraft: Draft = { text: "", attachments: [] };

/** How many files a message takes. */
export const maxAttachments = 20;

/** The draft with more to send along, each once, as many as a message takes. */
export function attach(draft: Draft, attachments: readonly Attachment[]): Draft {
  const fresh = attachments.filter(({ key }) => !draft.attachments.some((known) => known.key === key));
  return { ...draft, attachments: [...draft.attachments, ...fresh].slice(0, maxAttachments) };
}

/** The draft with one attachment stored, or taken away. */
export function changeAttachment(draft: Draft, key: string, file: Attachment["file"] | undefined): Draft {
  const attachments = draft.attachments.flatMap((attachment) => {
    if (attachment.key !== key) return attachment;
    return file ? { ...attachment, file } : [];
  });
  return { ...draft, attachments };
}

/** True if it holds something to send, and nothing of it is still on its way. */
export function isComplete({ text, attachments }: Draft): boolean {
  return (text.trim() !== "" || attachments.length > 0) && attachments.every(({ file }) => file);
}

/** What a text that begins so asks of the assistant. */
export type Asking = "everyone" | "privately" | undefined;

/** Whether a text is a question to the assistant, and for whom the answer is. */
export function readAsking(text: string): { asking: Asking; question: string } {
  const match = /^\s*@assistant(?=$|[\s:,])(?:\s+(private:))?[\s:,]*/i.exec(text);
  if (!match) return { asking: undefined, question: text };
  return { asking: match[1] ? "privately" : "everyone", question: text.slice(match[0].length) };
}

/** What a text that is being written may be completed to, with the cursor at `at`. */
export function completionsOf(text: string, at: number): readonly Completion[] {
  const begun = text.slice(0, at).toLowerCase();
  if (!begun.startsWith("@") || begun.length > 20) return [];
  return completions.filter(({ insert }) => insert.toLowerCase().startsWith(begun) && insert.toLowerCase() !== begun);
}

export type Completion = { readonly insert: string; readonly label: string; readonly hint: string };

const completions: readonly Completion[] = [
  { insert: "@assistant ", label: "@assistant", hint: "Answers here, from files that everyone in the room may read" },
  {
    insert: "@assistant private: ",
    label: "@assistant private:",
    hint: "Answers you alone, from all files that you may read",
  },
];
