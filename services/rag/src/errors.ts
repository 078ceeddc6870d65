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
