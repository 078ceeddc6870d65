// Written by `npm run generate` from DocumentParsed's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file's text and passages are ready to be indexed. */
export type DocumentParsed = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The revision of the document's passages; raised by every parse. */
  revision: number;
  /** How many passages there are. */
  passageCount: number;
  /** The document's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file's text and passages are ready to be indexed. Keyed by `fileId`. */
export const documentParsed = defineEvent<DocumentParsed>({
  fullName: "lyceum.ingest.v1.DocumentParsed",
  topic: "ingest.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"DocumentParsed\",\"namespace\":\"lyceum.ingest.v1\",\"doc\":\"A file's text and passages are ready to be indexed.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"revision\",\"type\":\"long\",\"doc\":\"The revision of the document's passages; raised by every parse.\"},{\"name\":\"passageCount\",\"type\":\"int\",\"doc\":\"How many passages there are.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The document's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
