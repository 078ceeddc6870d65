import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { AccessTokenSigner } from "./access-token.ts";
import type { Sealing } from "./factors/sealing.ts";
import type { PasswordHasher } from "./password-hasher.ts";

/** What identity's RPCs work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly passwords: PasswordHasher;
  readonly sealing: Sealing;
  readonly signAccessToken: AccessTokenSigner;
};
