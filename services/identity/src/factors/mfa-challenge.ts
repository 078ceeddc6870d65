import { createHash, randomBytes } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Db } from "@lyceum/database";
import { Factor, type MfaChallengeSchema } from "@lyceum/gen/proto/lyceum/identity/v1/factor_pb.ts";
import type { AuthMethod } from "../session.ts";
import { type ChallengeRow, type Factors, insertChallenge } from "./factor-store.ts";

const lifetimeMs = 300_000;
const maxTries = 5;

/** True if a password alone does not sign the person in. */
export function hasSecondFactor({ totp, passkeys }: Factors): boolean {
  return totp || passkeys > 0;
}

/** Begins to wait for a second factor, after `amr` was proved. */
export async function beginChallenge(
  db: Db,
  { userId, amr, factors }: { userId: string; amr: readonly AuthMethod[]; factors: Factors },
  now: Date,
): Promise<MessageInitShape<typeof MfaChallengeSchema>> {
  const token = randomBytes(32).toString("base64url");
  const expireTime = new Date(now.getTime() + lifetimeMs);
  await insertChallenge(db, { hash: hashChallenge(token), userId, amr: [...amr], expireTime });
  return {
    token,
    factors: [
      ...(factors.passkeys > 0 ? [Factor.PASSKEY] : []),
      ...(factors.totp ? [Factor.TOTP] : []),
      ...(factors.recoveryCodes > 0 ? [Factor.RECOVERY_CODE] : []),
    ],
    expireTime: timestampFromDate(expireTime),
  };
}

/** True while a second factor may still be given. */
export function isOpen(challenge: ChallengeRow, now: Date): boolean {
  return challenge.expireTime > now && challenge.tries < maxTries;
}

/** The form in which a challenge's token is kept. */
export function hashChallenge(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
