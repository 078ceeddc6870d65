// Written by `npm run generate` from AccessRevoked's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A principal may no longer read a file. */
export type AccessRevoked = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The grant that is gone. */
  grantId: string;
  /** Who lost the right: `user:<id>`, `room:<id>`, or `link:<grantId>` for whoever has a link; the link itself is a secret and not told. */
  principal: string;
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A principal may no longer read a file. Keyed by `fileId`. */
export const accessRevoked = defineEvent<AccessRevoked>({
  fullName: "lyceum.files.v1.AccessRevoked",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"AccessRevoked\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A principal may no longer read a file.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"grantId\",\"type\":\"string\",\"doc\":\"The grant that is gone.\"},{\"name\":\"principal\",\"type\":\"string\",\"doc\":\"Who lost the right: `user:<id>`, `room:<id>`, or `link:<grantId>` for whoever has a link; the link itself is a secret and not told.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
