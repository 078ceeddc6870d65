// Written by `npm run generate` from DocumentIndexed's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A document can be searched by word and by meaning. */
export type DocumentIndexed = {
  /** The file. */
  fileId: string;
  /** The document's revision that was indexed. */
  revision: number;
  /** The index entry's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A document can be searched by word and by meaning. Keyed by `fileId`. */
export const documentIndexed = defineEvent<DocumentIndexed>({
  fullName: "lyceum.rag.v1.DocumentIndexed",
  topic: "rag.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"DocumentIndexed\",\"namespace\":\"lyceum.rag.v1\",\"doc\":\"A document can be searched by word and by meaning.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"revision\",\"type\":\"long\",\"doc\":\"The document's revision that was indexed.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The index entry's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
