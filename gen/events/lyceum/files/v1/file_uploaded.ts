// Written by `npm run generate` from FileUploaded's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A file is complete and readable. */
export type FileUploaded = {
  /** The new file. */
  fileId: string;
  /** Who uploaded it. */
  ownerId: string;
  /** What the bytes are, by looking at them. */
  mediaType: string;
  /** Length of the content. */
  sizeBytes: number;
  /** SHA-256 of the content, lower-case hex. */
  sha256: string;
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A file is complete and readable. Keyed by `fileId`. */
export const fileUploaded = defineEvent<FileUploaded>({
  fullName: "lyceum.files.v1.FileUploaded",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"FileUploaded\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A file is complete and readable.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The new file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Who uploaded it.\"},{\"name\":\"mediaType\",\"type\":\"string\",\"doc\":\"What the bytes are, by looking at them.\"},{\"name\":\"sizeBytes\",\"type\":\"long\",\"doc\":\"Length of the content.\"},{\"name\":\"sha256\",\"type\":\"string\",\"doc\":\"SHA-256 of the content, lower-case hex.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
