import { Code, type ConnectError } from "@connectrpc/connect";
import { withHttp } from "@lyceum/rest";
import { fail } from "@lyceum/service";

/** Nobody has this file, or the caller may not know of it. */
export const fileNotFound = (): ConnectError => fail(Code.NotFound, "FILE_NOT_FOUND", "There is no such file.");

/** The file has no such grant. */
export const grantNotFound = (): ConnectError => fail(Code.NotFound, "GRANT_NOT_FOUND", "This file has no such grant.");

/** Nobody has this account. */
export const personNotFound = (): ConnectError => fail(Code.NotFound, "PERSON_NOT_FOUND", "There is no such person.");

/** The link was not given out here, was taken back, or has expired; or its file is in the trash. */
export const linkNotValid = (): ConnectError =>
  fail(Code.NotFound, "LINK_NOT_VALID", "This link leads nowhere, or not any more.");

/** Nobody has this room, or the caller does not belong to it. */
export const roomNotFound = (): ConnectError => fail(Code.NotFound, "ROOM_NOT_FOUND", "There is no such room.");

/** Rights that come from rooms are not known yet, shortly after a start. */
export const roomsNotKnown = (): ConnectError =>
  fail(Code.Unavailable, "ROOMS_NOT_KNOWN", "Who belongs to which room is not known yet. Try again in a moment.");

/** Nobody has this folder, or it is someone else's. */
export const folderNotFound = (): ConnectError => fail(Code.NotFound, "FOLDER_NOT_FOUND", "There is no such folder.");

/** The caller may read the file, but this is for its owner. */
export const ownerOnly = (): ConnectError =>
  fail(Code.PermissionDenied, "OWNER_ONLY", "Only the owner of this file may do this.");

/** Folders would lie in one another deeper than the limit. */
export const folderTooDeep = (maxDepth: number): ConnectError =>
  fail(Code.FailedPrecondition, "FOLDER_TOO_DEEP", `Folders lie in one another at most ${maxDepth} deep.`);

/** The folder would lie within itself. */
export const folderCycle = (): ConnectError =>
  fail(Code.FailedPrecondition, "FOLDER_CYCLE", "A folder cannot be moved into itself or into a folder within it.");

/** The person has as many folders as anybody may. */
export const tooManyFolders = (limit: number): ConnectError =>
  fail(Code.ResourceExhausted, "TOO_MANY_FOLDERS", `There may be ${limit} folders.`);

/** The caller may read the file, but not change its name. */
export const editingNotAllowed = (): ConnectError =>
  fail(Code.PermissionDenied, "EDITING_NOT_ALLOWED", "Only the owner and editors of this file may change its name.");

/** The caller may read the file, but not decide who else does. */
export const sharingNotAllowed = (): ConnectError =>
  fail(Code.PermissionDenied, "SHARING_NOT_ALLOWED", "Only the owner and editors of this file decide who may read it.");

/** Nothing in the trash is shared. */
export const fileTrashed = (): ConnectError =>
  fail(Code.FailedPrecondition, "FILE_TRASHED", "This file is in the trash.");

/** What the request demands of the content is not so (RFC 9110, 15.5.13). */
export const preconditionFailed = (): ConnectError =>
  withHttp(
    fail(Code.FailedPrecondition, "PRECONDITION_FAILED", "The content is not what the request's conditions ask for."),
    412,
  );

/** The range begins behind the last byte (RFC 9110, 15.5.17). */
export const rangeOutsideContent = (sizeBytes: number): ConnectError =>
  withHttp(
    fail(Code.OutOfRange, "RANGE_OUTSIDE_CONTENT", `The range lies outside the ${sizeBytes} bytes of the content.`),
    416,
    { "accept-ranges": "bytes", "content-range": `bytes */${sizeBytes}` },
  );

/** The content goes beyond the limit. */
export const fileTooLarge = (limitBytes: number): ConnectError =>
  fail(Code.ResourceExhausted, "FILE_TOO_LARGE", `Files are limited to ${limitBytes} bytes.`, {
    limitBytes: String(limitBytes),
  });

/** The blob store has no room. */
export const storageFull = (): ConnectError =>
  fail(Code.ResourceExhausted, "STORAGE_FULL", "There is no room for more files.");

/** The database does not answer; where the bytes were all there, the file may still appear. */
export const uploadNotRecorded = (): ConnectError =>
  fail(
    Code.Unavailable,
    "UPLOAD_NOT_RECORDED",
    "The upload could not be recorded in time. Look whether the file is there, or send it again in a moment.",
  );

/** The file would take its owner beyond their quota. */
export const quotaExceeded = (limitBytes: number): ConnectError =>
  fail(Code.ResourceExhausted, "QUOTA_EXCEEDED", `Your files may take ${limitBytes} bytes in all.`, {
    limitBytes: String(limitBytes),
  });

/** The form or body cannot be read as an upload. */
export const malformedUpload = (message: string): ConnectError =>
  fail(Code.InvalidArgument, "MALFORMED_UPLOAD", message);

/** The first byte that is asked for lies beyond the file's end. */
export const beyondEnd = (sizeBytes: number): ConnectError =>
  fail(Code.OutOfRange, "BEYOND_END", `The file has ${sizeBytes} bytes.`, { sizeBytes: String(sizeBytes) });

/** Its sender has let too long pass without a byte. */
export const uploadStalled = (idleMs: number): ConnectError =>
  fail(Code.DeadlineExceeded, "UPLOAD_STALLED", `No byte of the upload has arrived for ${idleMs / 1000} seconds.`);

/** Nobody has this upload, it is someone else's, or it was forgotten. */
export const uploadNotFound = (): ConnectError => fail(Code.NotFound, "UPLOAD_NOT_FOUND", "There is no such upload.");

/** Another request writes this upload. */
export const uploadLocked = (): ConnectError =>
  withHttp(fail(Code.Aborted, "UPLOAD_LOCKED", "Another request is writing this upload. Try again in a moment."), 423);

/** The upload is not where this request thinks it is. */
export const uploadMoved = (): ConnectError =>
  fail(Code.Aborted, "UPLOAD_MOVED", "This upload has come further than that. Ask for its offset.");

/** More bytes came than were announced. */
export const uploadTooLong = (sizeBytes: number): ConnectError =>
  withHttp(fail(Code.InvalidArgument, "UPLOAD_TOO_LONG", `This upload is ${sizeBytes} bytes long.`), 413);

/** The bytes are not those that were announced. */
export const checksumMismatch = (): ConnectError =>
  withHttp(fail(Code.InvalidArgument, "CHECKSUM_MISMATCH", "The bytes don't have this checksum; none was kept."), 460);

/** The row is there, but the blob, or a part of it, is not. */
export const contentLost = (): ConnectError => fail(Code.DataLoss, "CONTENT_LOST", "The content of this file is gone.");
