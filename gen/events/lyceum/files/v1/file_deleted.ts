// Written by `npm run generate` from FileDeleted's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file went to the trash. */
export type FileDeleted = {
  /** The trashed file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file went to the trash. Keyed by `fileId`. */
export const fileDeleted = defineEvent<FileDeleted>({
  fullName: "lyceum.files.v1.FileDeleted",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"FileDeleted\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A file went to the trash.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The trashed file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
