// Written by `npm run generate` from FileUpdated's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file has another name or lies in another folder. */
export type FileUpdated = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file has another name or lies in another folder. Keyed by `fileId`. */
export const fileUpdated = defineEvent<FileUpdated>({
  fullName: "lyceum.files.v1.FileUpdated",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"FileUpdated\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A file has another name or lies in another folder.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
