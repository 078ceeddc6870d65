import { Code, type ConnectError } from "@connectrpc/connect";
import { fail } from "@lyceum/service";

/** No file with this id, or none that the caller may read. */
export const documentNotFound = (): ConnectError =>
  fail(Code.NotFound, "DOCUMENT_NOT_FOUND", "There is no such document.");

/** Its text is not there yet, or could not be read. */
export const documentNotParsed = (): ConnectError =>
  fail(Code.FailedPrecondition, "DOCUMENT_NOT_PARSED", "This document has no text yet.");

/** Only what has failed is read again. */
export const documentNotFailed = (): ConnectError =>
  fail(Code.FailedPrecondition, "DOCUMENT_NOT_FAILED", "This document has not failed.");

/** There is nothing left to cancel. */
export const documentFinished = (): ConnectError =>
  fail(Code.FailedPrecondition, "DOCUMENT_FINISHED", "This document is not being read or indexed.");

/** Readers may look, but only the owner has it read again. */
export const notDocumentOwner = (): ConnectError =>
  fail(Code.PermissionDenied, "NOT_DOCUMENT_OWNER", "Only the file's owner may do this.");

/** A set of passages that is not the present one. */
export const revisionNotFound = (): ConnectError =>
  fail(Code.NotFound, "REVISION_NOT_FOUND", "The document has no such revision.");
