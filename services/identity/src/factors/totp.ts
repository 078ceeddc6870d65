import { Secret, TOTP } from "otpauth";

// What every authenticator app reads (RFC 6238): SHA-1, 6 digits, 30 seconds.
const periodS = 30;
// One step each way, for clocks that differ and people who type slowly.
const window = 1;

/** A new secret of 160 bits, in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The `otpauth:` URI by which an app takes a secret; `account` is what it shows beside the code. */
export function totpUri(secret: string, account: string): string {
  return totpOf(secret, account).toString();
}

/** The 30-second step that `code` is of, if it is good at `now` and of a later step than the last one taken. */
export function checkTotp(secret: string, code: string, now: Date, lastStep: number | null): number | undefined {
  const token = code.replace(/\s/g, "");
  // The library compares bytes, and would stumble over digits of other scripts.
  if (!/^[0-9]{6}$/.test(token)) return undefined;
  const totp = totpOf(secret);
  const timestamp = now.getTime();
  const delta = totp.validate({ token, timestamp, window });
  if (delta === null) return undefined;
  const step = totp.counter({ timestamp }) + delta;
  return lastStep === null || step > lastStep ? step : undefined;
}

function totpOf(secret: string, label = "Lyceum"): TOTP {
  return new TOTP({ issuer: "Lyceum", label, secret: Secret.fromBase32(secret), period: periodS });
}
