import { createHash, randomBytes } from "node:crypto";
import type { HandlerContext } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import { hostCookieName, readCookie, toSetCookie } from "@lyceum/service";
import type { Context } from "./context.ts";
import { findDevice, insertDevice, touchDevice } from "./device-store.ts";

/** How long a device that nobody signs in on is known. */
export const deviceLifetimeMs = 180 * 24 * 3_600_000;

const cookieName = "lyceum-device";
/** More than any token has. */
const maxTokenLength = 128;

/** A known device of the account with this address, by the hash of the token it presents; undefined for any other. */
export async function knownDeviceOf(
  ctx: Pick<Context, "database">,
  emailKey: string,
  token: string,
): Promise<string | undefined> {
  // Asked in any case, so that no time tells whether a token was there.
  const hash = hashDeviceToken(token);
  return (await findDevice(ctx.database.db, hash, emailKey, devicesSeenSince(new Date()))) ? hash : undefined;
}

/**
 * Remembers that a person has signed in on the device that calls: guesses made elsewhere will not keep them out there. Answers
 * the token that names the device, and sets it as a cookie for browsers.
 */
export async function rememberDevice(
  ctx: Pick<Context, "publicUrl">,
  tx: Transaction,
  { userId, token }: { userId: string; token: string },
  call: HandlerContext,
  now: Date,
): Promise<string> {
  if (token !== "" && (await touchDevice(tx, hashDeviceToken(token), userId, now))) return token;
  const made = randomBytes(32).toString("base64url");
  await insertDevice(tx, { hash: hashDeviceToken(made), userId, lastSeenTime: now });
  const name = hostCookieName(ctx.publicUrl, cookieName);
  const cookie = { name, value: made, maxAgeSeconds: deviceLifetimeMs / 1000 };
  call.responseHeader.append("set-cookie", toSetCookie(ctx.publicUrl, cookie));
  return made;
}

/** The token by which a device makes itself known: of the request, or else of its cookie; empty if there is none. */
export function deviceTokenOf(
  { publicUrl }: Pick<Context, "publicUrl">,
  { deviceToken }: { readonly deviceToken: string },
  call: Pick<HandlerContext, "requestHeader">,
): string {
  if (deviceToken !== "") return deviceToken;
  return readCookie(call.requestHeader.get("cookie"), hostCookieName(publicUrl, cookieName)).slice(0, maxTokenLength);
}

/** Devices last seen before are forgotten. */
export function devicesSeenSince(now: Date): Date {
  return new Date(now.getTime() - deviceLifetimeMs);
}

function hashDeviceToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
