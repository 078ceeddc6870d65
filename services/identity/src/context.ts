import type { Database } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { JobQueue } from "@lyceum/service";
import type { AccessTokenSigner } from "./access-token.ts";
import type { Captcha } from "./captcha/index.ts";
import type { Sealing } from "./factors/sealing.ts";
import type { GuessGuard } from "./guessing/guess-guard.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { Provider } from "./providers/provider.ts";

/** What identity's RPCs work with. */
export type Context = {
  readonly database: Database;
  readonly events: EventLog;
  readonly jobs: JobQueue;
  /** Where people reach Lyceum. */
  readonly publicUrl: string;
  readonly passwords: PasswordHasher;
  /** Who else can tell who a person is. */
  readonly providers: readonly Provider[];
  readonly sealing: Sealing;
  readonly guesses: GuessGuard;
  readonly captcha: Captcha;
  /** True if an account begins only once its address is verified. */
  readonly mustVerifyEmail: boolean;
  readonly signAccessToken: AccessTokenSigner;
};
