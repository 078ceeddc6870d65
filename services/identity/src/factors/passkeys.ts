import { createHash, randomBytes } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Db, Transaction } from "@lyceum/database";
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { passkeysUnavailable } from "../errors.ts";
import type { UserRow } from "../store.ts";
import {
  insertPasskeyChallenge,
  lockPasskey,
  type PasskeyRow,
  takePasskeyChallenge,
  touchPasskey,
} from "./passkey-store.ts";
import { type RelyingParty, relyingPartyAt } from "./relying-party.ts";

/** The most passkeys one person has. */
export const maxPasskeys = 50;

const lifetimeMs = 300_000;

/** What a new passkey is known by. */
export type NewPasskey = Pick<PasskeyRow, "credentialId" | "publicKey" | "counter" | "transports" | "backedUp">;

/** How a person's authenticator makes a passkey; it makes none where it keeps one already. */
export async function beginPasskey(
  db: Db,
  publicUrl: string,
  user: UserRow,
  known: readonly PasskeyRow[],
  now: Date,
): Promise<JsonObject> {
  const { id } = relyingPartyOf(publicUrl);
  const options = await generateRegistrationOptions({
    rpName: "Lyceum",
    rpID: id,
    userName: user.email,
    userDisplayName: user.displayName,
    userID: new Uint8Array(Buffer.from(user.id)),
    challenge: await newChallenge(db, user.id, now),
    timeout: lifetimeMs,
    attestationType: "none",
    excludeCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  return toJson(options);
}

/** Checks a passkey that was just made; undefined if it does not answer a challenge of the person's. */
export async function checkNewPasskey(
  db: Db,
  publicUrl: string,
  { userId, credential }: { userId: string; credential: JsonObject },
  now: Date,
): Promise<NewPasskey | undefined> {
  const party = relyingPartyOf(publicUrl);
  const challenge = readChallenge(credential);
  if (!(await takePasskeyChallenge(db, { hash: hashChallenge(challenge), userId }, now))) return undefined;
  const response = credential as unknown as RegistrationResponseJSON;
  const made = await orUndefined(() => verifyRegistrationResponse({ response, ...expected(party, challenge) }));
  if (!made?.verified) return undefined;
  const { credential: kept, credentialBackedUp } = made.registrationInfo;
  return {
    credentialId: kept.id,
    publicKey: Buffer.from(kept.publicKey).toString("base64url"),
    counter: kept.counter,
    transports: (kept.transports ?? []).slice(0, 8),
    backedUp: credentialBackedUp,
  };
}

/** How a passkey is used, by whoever has one here. */
export async function beginPasskeyUse(db: Db, publicUrl: string, now: Date): Promise<JsonObject> {
  const { id } = relyingPartyOf(publicUrl);
  const options = await generateAuthenticationOptions({
    rpID: id,
    challenge: await newChallenge(db, null, now),
    timeout: lifetimeMs,
    userVerification: "required",
  });
  return toJson(options);
}

/**
 * Checks a passkey that was used and notes that it was; undefined for an unknown one, one that answers no open challenge, or whose
 * counter went back: then it has been copied.
 */
export async function usePasskey(
  tx: Transaction,
  publicUrl: string,
  credential: JsonObject,
  now: Date,
): Promise<UserRow | undefined> {
  const party = relyingPartyOf(publicUrl);
  const challenge = readChallenge(credential);
  if (!(await takePasskeyChallenge(tx, { hash: hashChallenge(challenge), userId: undefined }, now))) return undefined;
  const found = await lockPasskey(tx, String(credential.id));
  if (!found) return undefined;
  const { passkey, user } = found;
  const publicKey = new Uint8Array(Buffer.from(passkey.publicKey, "base64url"));
  const response = credential as unknown as AuthenticationResponseJSON;
  const used = await orUndefined(() =>
    verifyAuthenticationResponse({
      response,
      ...expected(party, challenge),
      credential: { id: passkey.credentialId, publicKey, counter: passkey.counter, transports: passkey.transports },
    }),
  );
  if (!used?.verified) return undefined;
  const { newCounter: counter, credentialBackedUp: backedUp } = used.authenticationInfo;
  await touchPasskey(tx, { id: passkey.id, counter, backedUp }, now);
  return user;
}

function relyingPartyOf(publicUrl: string): RelyingParty {
  const party = relyingPartyAt(publicUrl);
  if (!party) throw passkeysUnavailable();
  return party;
}

async function newChallenge(db: Db, userId: string | null, now: Date): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = randomBytes(32);
  const hash = hashChallenge(challenge.toString("base64url"));
  await insertPasskeyChallenge(db, { hash, userId, expireTime: new Date(now.getTime() + lifetimeMs) });
  return new Uint8Array(challenge);
}

/** The challenge that a credential answers, as its client data says; empty if they cannot be read. */
function readChallenge({ response }: JsonObject): string {
  try {
    const { clientDataJSON } = response as { clientDataJSON: string };
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString()) as { challenge?: unknown };
    return String(challenge);
  } catch {
    return "";
  }
}

function expected({ id, origin }: RelyingParty, challenge: string) {
  return {
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  };
}

/** The library throws for anything that is not as it must be: whatever it is, it came from outside. */
async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

function hashChallenge(challenge: string): string {
  return createHash("sha256").update(challenge).digest("base64url");
}

function toJson(options: object): JsonObject {
  return JSON.parse(JSON.stringify(options));
}
