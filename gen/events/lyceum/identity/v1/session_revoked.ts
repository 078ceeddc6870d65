// Written by `npm run generate` from SessionRevoked's Avro schema. Do not edit.
import { defineEvent } from "../../../event-type.ts";

/** A session ended before its time; every verifier refuses its tokens from now on. */
export type SessionRevoked = {
  /** The session that ended, as in the token's `sid`. */
  sessionId: string;
  /** Whose session it was. */
  userId: string;
  /** The session's version, raised under its row lock; a handler skips versions it has passed. */
  version: number;
};

/** A session ended before its time; every verifier refuses its tokens from now on. Keyed by `sessionId`. */
export const sessionRevoked = defineEvent<SessionRevoked>({
  fullName: "lyceum.identity.v1.SessionRevoked",
  topic: "identity.v1",
  key: "sessionId",
  schema: "{\"type\":\"record\",\"name\":\"SessionRevoked\",\"namespace\":\"lyceum.identity.v1\",\"doc\":\"A session ended before its time; every verifier refuses its tokens from now on.\",\"key\":\"sessionId\",\"fields\":[{\"name\":\"sessionId\",\"type\":\"string\",\"doc\":\"The session that ended, as in the token's `sid`.\"},{\"name\":\"userId\",\"type\":\"string\",\"doc\":\"Whose session it was.\"},{\"name\":\"version\",\"type\":\"long\",\"doc\":\"The session's version, raised under its row lock; a handler skips versions it has passed.\"}]}",
});
