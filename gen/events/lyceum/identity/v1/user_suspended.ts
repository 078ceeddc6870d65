// Written by `npm run generate` from UserSuspended's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** An account was suspended: its sessions and keys have ended, and its person cannot sign in until it is restored. */
export type UserSuspended = {
  /** The suspended account. */
  userId: string;
  /** The account's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** An account was suspended: its sessions and keys have ended, and its person cannot sign in until it is restored. Keyed by `userId`. */
export const userSuspended = defineEvent<UserSuspended>({
  fullName: "lyceum.identity.v1.UserSuspended",
  topic: "identity.v1",
  key: "userId",
  schema: "{\"type\":\"record\",\"name\":\"UserSuspended\",\"namespace\":\"lyceum.identity.v1\",\"doc\":\"An account was suspended: its sessions and keys have ended, and its person cannot sign in until it is restored.\",\"key\":\"userId\",\"fields\":[{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"The suspended account.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The account's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
