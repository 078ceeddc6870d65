import type { HandlerContext } from "@connectrpc/connect";
import { type Person, personOf } from "@lyceum/service";
import type { Context } from "./context.ts";
import { stepUpRequired } from "./errors.ts";
import { type Factors, findFactors } from "./factors/factor-store.ts";
import { hasSecondFactor } from "./factors/mfa-challenge.ts";
import { findLiveSession } from "./store.ts";

/** How long a sign-in or Reauthenticate lets its session make sensitive calls. */
export const proofLifetimeMs = 600_000;

/**
 * The person who calls, if they have proved lately in this very session who they are. Throws `permission_denied
 * STEP_UP_REQUIRED` for anybody else; an API key never gets past.
 */
export async function recentlyProvedPersonOf(ctx: Context, call: HandlerContext): Promise<Person> {
  const person = personOf(call);
  const now = new Date();
  const session = await findLiveSession(ctx.database.db, person, now);
  if (session && now.getTime() - session.authTime.getTime() < proofLifetimeMs) return person;
  throw stepUpRequired(methodsOf(await findFactors(ctx.database.db, person.userId)));
}

/** The fields of ReauthenticateRequest that will do; `signIn` where there is none and a new sign-in has to. */
function methodsOf(factors: Factors): string[] {
  const second = [
    ...(factors.passkeys > 0 ? ["passkey"] : []),
    ...(factors.totp ? ["totpCode"] : []),
    ...(factors.recoveryCodes > 0 ? ["recoveryCode"] : []),
  ];
  if (hasSecondFactor(factors)) return second;
  return [factors.password ? "password" : "signIn"];
}
