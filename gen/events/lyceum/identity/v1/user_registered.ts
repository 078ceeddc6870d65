// Written by `npm run generate` from UserRegistered's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A person made an account. */
export type UserRegistered = {
  /** The new account. */
  userId: string;
  /** The account's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A person made an account. Keyed by `userId`. */
export const userRegistered = defineEvent<UserRegistered>({
  fullName: "lyceum.identity.v1.UserRegistered",
  topic: "identity.v1",
  key: "userId",
  schema: "{\"type\":\"record\",\"name\":\"UserRegistered\",\"namespace\":\"lyceum.identity.v1\",\"doc\":\"A person made an account.\",\"key\":\"userId\",\"fields\":[{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"The new account.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The account's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
