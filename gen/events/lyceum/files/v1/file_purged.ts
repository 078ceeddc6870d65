// Written by `npm run generate` from FilePurged's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file is gone for good: whatever was made of it has to go too. */
export type FilePurged = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file is gone for good: whatever was made of it has to go too. Keyed by `fileId`. */
export const filePurged = defineEvent<FilePurged>({
  fullName: "lyceum.files.v1.FilePurged",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"FilePurged\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A file is gone for good: whatever was made of it has to go too.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
