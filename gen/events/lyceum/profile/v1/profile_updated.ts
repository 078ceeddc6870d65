// Written by `npm run generate` from ProfileUpdated's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A person's profile was made or changed. */
export type ProfileUpdated = {
  /** Whose profile. */
  userId: string;
  /** The profile's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A person's profile was made or changed. Keyed by `userId`. */
export const profileUpdated = defineEvent<ProfileUpdated>({
  fullName: "lyceum.profile.v1.ProfileUpdated",
  topic: "profile.v1",
  key: "userId",
  schema: "{\"type\":\"record\",\"name\":\"ProfileUpdated\",\"namespace\":\"lyceum.profile.v1\",\"doc\":\"A person's profile was made or changed.\",\"key\":\"userId\",\"fields\":[{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"Whose profile.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The profile's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
