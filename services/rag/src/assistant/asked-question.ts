/** The kind of the job that answers a question put to the assistant. */
export const assistKind = "assist";

/** A question that a message in a room puts to the assistant. */
export type AskedQuestion = {
  readonly roomId: string;
  /** The message. */
  readonly questionId: string;
  readonly askerId: string;
  /** True if only the asker is to see the answer, which is then drawn from their own files. */
  readonly isPrivate: boolean;
  readonly answerId: string;
};
