// Written by `npm run generate` from DocumentFailed's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file's text could not be read. */
export type DocumentFailed = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** A stable word, as in the document's failure. */
  reason: string;
  /** The document's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file's text could not be read. Keyed by `fileId`. */
export const documentFailed = defineEvent<DocumentFailed>({
  fullName: "lyceum.ingest.v1.DocumentFailed",
  topic: "ingest.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"DocumentFailed\",\"namespace\":\"lyceum.ingest.v1\",\"doc\":\"A file's text could not be read.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"reason\",\"type\":\"string\",\"doc\":\"A stable word, as in the document's failure.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The document's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
