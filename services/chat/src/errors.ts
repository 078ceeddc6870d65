import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** Nobody has this room, or the caller does not belong to it. */
export const roomNotFound = (): ConnectError => fail(Code.NotFound, "ROOM_NOT_FOUND", "There is no such room.");

/** The room has no such message, or it was deleted. */
export const messageNotFound = (): ConnectError =>
  fail(Code.NotFound, "MESSAGE_NOT_FOUND", "There is no such message in this room.");

/** Nobody has this account. */
export const personNotFound = (): ConnectError => fail(Code.NotFound, "PERSON_NOT_FOUND", "There is no such person.");

/** The person does not belong to the room. */
export const memberNotFound = (): ConnectError =>
  fail(Code.NotFound, "MEMBER_NOT_FOUND", "This person does not belong to the room.");

/** The caller belongs to the room, but this is for its owners. */
export const ownerOnly = (): ConnectError =>
  fail(Code.PermissionDenied, "OWNER_ONLY", "Only the owners of this room may do this.");

/** Somebody else wrote the message. */
export const senderOnly = (): ConnectError =>
  fail(Code.PermissionDenied, "SENDER_ONLY", "Only the sender of this message may do this.");

/** A direct room has two people and no title, for good. */
export const directRoom = (): ConnectError =>
  fail(Code.FailedPrecondition, "DIRECT_ROOM", "A direct room has no title, and its two people stay.");

/** A room is never without an owner. */
export const lastOwner = (): ConnectError =>
  fail(Code.FailedPrecondition, "LAST_OWNER", "Make somebody else an owner of this room first.");

/** Messages that say who came or left are the room's own. */
export const notAText = (): ConnectError =>
  fail(Code.FailedPrecondition, "NOT_A_TEXT", "A message that tells of members cannot be changed.");

/** So many people do not fit into one room. */
export const roomFull = (limit: number): ConnectError =>
  fail(Code.ResourceExhausted, "ROOM_FULL", `A room has at most ${limit} members.`, { limit: String(limit) });

/** So many different emojis do not fit under one message. */
export const tooManyReactions = (limit: number): ConnectError =>
  fail(Code.ResourceExhausted, "TOO_MANY_REACTIONS", `A message has at most ${limit} different reactions.`, {
    limit: String(limit),
  });

/** The change is made, but files has not heard of it yet: a job tells it. */
export const rightsPending = (cause: unknown): ConnectError => {
  const error = fail(
    Code.Unavailable,
    "RIGHTS_PENDING",
    "The change is made; what it means for files follows as soon as files can be reached.",
  );
  error.cause = cause;
  return error;
};

/** The subscriber does not read what it is sent. */
export const tooSlow = (): ConnectError =>
  fail(Code.ResourceExhausted, "TOO_SLOW", "Too much waited to be read. Resume with the last cursor.");
