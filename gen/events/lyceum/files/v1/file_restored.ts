// Written by `npm run generate` from FileRestored's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file came back from the trash: it is in lists, search and answers again. */
export type FileRestored = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file came back from the trash: it is in lists, search and answers again. Keyed by `fileId`. */
export const fileRestored = defineEvent<FileRestored>({
  fullName: "lyceum.files.v1.FileRestored",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"FileRestored\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A file came back from the trash: it is in lists, search and answers again.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
