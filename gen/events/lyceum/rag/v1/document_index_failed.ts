// Written by `npm run generate` from DocumentIndexFailed's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A document could not be indexed. */
export type DocumentIndexFailed = {
  /** The file. */
  fileId: string;
  /** The document's revision. */
  revision: number;
  /** A stable word for what went wrong. */
  reason: string;
  /** The index entry's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A document could not be indexed. Keyed by `fileId`. */
export const documentIndexFailed = defineEvent<DocumentIndexFailed>({
  fullName: "lyceum.rag.v1.DocumentIndexFailed",
  topic: "rag.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"DocumentIndexFailed\",\"namespace\":\"lyceum.rag.v1\",\"doc\":\"A document could not be indexed.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"revision\",\"type\":\"long\",\"doc\":\"The document's revision.\"},{\"name\":\"reason\",\"type\":\"string\",\"doc\":\"A stable word for what went wrong.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The index entry's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
