import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** Nobody has this file, or the caller may not know of it. */
export const fileNotFound = (): ConnectError => fail(Code.NotFound, "FILE_NOT_FOUND", "There is no such file.");

/** Nobody has this conversation, or it is another person's. */
export const conversationNotFound = (): ConnectError =>
  fail(Code.NotFound, "CONVERSATION_NOT_FOUND", "There is no such conversation.");

/** Nobody got this answer, or another person did. */
export const answerNotFound = (): ConnectError => fail(Code.NotFound, "ANSWER_NOT_FOUND", "There is no such answer.");

/** There is no such room, or the caller does not belong to it. */
export const roomNotFound = (): ConnectError => fail(Code.NotFound, "ROOM_NOT_FOUND", "There is no such room.");

/** More of one person's answers run at once than a person can read. */
export function tooManyAnswers(limit: number): ConnectError {
  const message = `At most ${limit} answers of a person run at once. Wait for one to end.`;
  const error = fail(Code.ResourceExhausted, "TOO_MANY_ANSWERS", message);
  error.metadata.set("retry-after", "5");
  return error;
}

/** What an answer needs to begin, such as a database, does not answer. */
export const answerNotBegun = (): ConnectError =>
  fail(Code.Unavailable, "ANSWER_NOT_BEGUN", "The answer could not begin in time. Ask again in a moment.");

/** The model cannot be reached, is silent, or sends what is no answer. */
export const modelUnavailable = (cause: Error): ConnectError =>
  Object.assign(
    fail(Code.Unavailable, "MODEL_UNAVAILABLE", "The model does not answer now. What it said before is kept."),
    { cause },
  );

/** What compares vectors elsewhere cannot be reached, or is silent. */
export const vectorsUnavailable = (cause: Error): ConnectError =>
  Object.assign(
    fail(
      Code.Unavailable,
      "VECTORS_UNAVAILABLE",
      "Vectors can be neither compared nor stored now. Try again in a moment.",
    ),
    { cause },
  );

/** The answer ran longer than any may. */
export const answerTooLong = (): ConnectError =>
  fail(Code.DeadlineExceeded, "ANSWER_TOO_LONG", "The answer took too long. What was said before is kept.");

/** An answer is no longer written where it was read, or was deleted. */
export const answerMoved = (): ConnectError =>
  fail(Code.Aborted, "ANSWER_MOVED", "The answer is begun anew, or was deleted. Read it again from its beginning.");

/** An answer did not end when it was told to. */
export const answerGoesOn = (): ConnectError =>
  fail(Code.Unavailable, "ANSWER_GOES_ON", "The answer is told to stop, but has not ended yet. Try again in a moment.");

/** The process that answers is on its way out. */
export const restarting = (): ConnectError =>
  fail(Code.Unavailable, "RESTARTING", "Lyceum stops or restarts. Try again in a moment.");
