// Written by `npm run generate` from DocumentSearchable's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A document's words can be searched; its vectors follow. */
export type DocumentSearchable = {
  /** The file. */
  fileId: string;
  /** The document's revision that was indexed. */
  revision: number;
  /** The index entry's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A document's words can be searched; its vectors follow. Keyed by `fileId`. */
export const documentSearchable = defineEvent<DocumentSearchable>({
  fullName: "lyceum.rag.v1.DocumentSearchable",
  topic: "rag.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"DocumentSearchable\",\"namespace\":\"lyceum.rag.v1\",\"doc\":\"A document's words can be searched; its vectors follow.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"revision\",\"type\":\"long\",\"doc\":\"The document's revision that was indexed.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The index entry's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
