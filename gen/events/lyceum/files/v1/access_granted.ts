// Written by `npm run generate` from AccessGranted's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A principal may now read a file. */
export type AccessGranted = {
  /** The file. */
  fileId: string;
  /** Its owner. */
  ownerId: string;
  /** The grant. */
  grantId: string;
  /** Who got the right: `user:<id>`, `room:<id>`, or `link:<grantId>` for whoever has a link; the link itself is a secret and not told. */
  principal: string;
  /** What they may do. */
  role: "UNSPECIFIED" | "READER" | "EDITOR";
  /** The file's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A principal may now read a file. Keyed by `fileId`. */
export const accessGranted = defineEvent<AccessGranted>({
  fullName: "lyceum.files.v1.AccessGranted",
  topic: "files.v1",
  key: "fileId",
  schema: "{\"type\":\"record\",\"name\":\"AccessGranted\",\"namespace\":\"lyceum.files.v1\",\"doc\":\"A principal may now read a file.\",\"key\":\"fileId\",\"fields\":[{\"name\":\"fileId\",\"type\":\"string\",\"doc\":\"The file.\"},{\"name\":\"ownerId\",\"type\":\"string\",\"doc\":\"Its owner.\"},{\"name\":\"grantId\",\"type\":\"string\",\"doc\":\"The grant.\"},{\"name\":\"principal\",\"type\":\"string\",\"doc\":\"Who got the right: `user:<id>`, `room:<id>`, or `link:<grantId>` for whoever has a link; the link itself is a secret and not told.\"},{\"name\":\"role\",\"type\":{\"type\":\"enum\",\"name\":\"AccessRole\",\"doc\":\"What a grant allows.\",\"symbols\":[\"UNSPECIFIED\",\"READER\",\"EDITOR\"],\"default\":\"UNSPECIFIED\"},\"doc\":\"What they may do.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The file's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
