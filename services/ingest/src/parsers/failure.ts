const messages = {
  EMPTY: "The file is empty.",
  ENCRYPTED: "The file is protected by a password.",
  CORRUPT: "The file is damaged and can't be read.",
  UNSUPPORTED: "This kind of file can't be read. Documents, slides, sheets, web pages, mails and text can.",
  NO_TEXT: "The file holds no text; pictures and scanned pages can't be read.",
  TOO_LARGE: "The file is too large to be read.",
  TIMEOUT: "Reading the file took too long.",
  OUT_OF_MEMORY: "Reading the file needed too much memory.",
  CANCELED: "Reading the file was cancelled.",
  INTERNAL: "Something failed inside at every try to read the file. Try again later.",
  INDEX_FAILED: "The file was read, but could not be made searchable.",
  PARTIAL: "Some pages could not be read.",
} as const;

/** The stable words for why a document, or part of it, could not be read. */
export type FailureReason = keyof typeof messages;

/** The reason in a sentence for people. */
export const failureMessage = (reason: FailureReason): string => messages[reason];

/** Narrows a word from outside to a reason. */
export const isFailureReason = (word: unknown): word is FailureReason =>
  typeof word === "string" && Object.hasOwn(messages, word);

/** Says that a file can't be read, and why: the file's fault, so trying again is of no use. */
export class ParseFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, options?: ErrorOptions) {
    super(failureMessage(reason), options);
    this.name = "ParseFailure";
    this.reason = reason;
  }
}
