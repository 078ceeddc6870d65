import type { Database, Db } from "@lyceum/database";
import type { Host } from "@lyceum/service";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8 } from "jose";
import { accessTokenLifetimeMs } from "./access-token.ts";
import { appendAudit } from "./audit.ts";
import type { Sealing } from "./factors/sealing.ts";
import {
  findActiveSigningKey,
  insertSigningKey,
  lockActiveSigningKey,
  retireSigningKey,
  type SigningKeyRow,
} from "./store.ts";

/** A key that signs access tokens. */
export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey };

/** The keys that this process signs with, one after the other. */
export type SigningKeys = AsyncDisposable & {
  current(): SigningKey;
  /** Makes the next key if it is time, and takes up the one that another replica made. Done every few seconds anyway. */
  renew(now: Date): Promise<void>;
};

/** What signing keys depend on. */
export type SigningKeysOptions = {
  readonly database: Database;
  /** Opens sealed private keys; seals new ones if `seals`. */
  readonly sealing: Sealing;
  readonly seals: boolean;
  /** How old a key becomes before its successor signs. */
  readonly maxAgeMs: number;
  readonly log: Host["log"];
};

/** How often a replica looks for the key it has to sign with. */
const lookEveryMs = 2_000;

/** How long a retired key stays published: until the last token is over that a replica signed before it looked, and a minute more. */
export const publishedMs = accessTokenLifetimeMs + lookEveryMs + 60_000;

/** Opens the active signing key, which the first start of the first replica makes, and keeps up with its successors. */
export async function openSigningKeys(options: SigningKeysOptions): Promise<SigningKeys> {
  let key: SigningKey | undefined;
  const renew = async (now: Date) => {
    const row = await activeKey(options, now);
    if (row.kid !== key?.kid) key = await toSigningKey(row, options.sealing);
  };
  await renew(new Date());
  let running = Promise.resolve();
  const look = () => {
    running = renew(new Date()).catch((error: unknown) =>
      options.log.warn({ err: error }, "could not look for the signing key; the last one goes on signing"),
    );
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return {
    current: () => key as SigningKey,
    renew,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}

async function activeKey(options: SigningKeysOptions, now: Date): Promise<SigningKeyRow> {
  const known = await findActiveSigningKey(options.database.db);
  if (known && !isDue(known, options.maxAgeMs, now)) return known;
  await options.database.transaction(async (tx) => {
    const before = await lockActiveSigningKey(tx);
    if (before && !isDue(before, options.maxAgeMs, now)) return;
    if (before) {
      await retireSigningKey(tx, before.kid, now);
      await appendAudit(tx, { event: "signing-key-rotated", details: { retired: before.kid } }, now);
    }
    // Two replicas that make the very first key both get here; the database keeps one.
    await insertSigningKey(tx, await generateSigningKey(tx, options, now));
  });
  const active = await findActiveSigningKey(options.database.db);
  if (!active) throw new Error("The database keeps no active signing key.");
  return active;
}

function isDue({ createTime, dueTime }: SigningKeyRow, maxAgeMs: number, now: Date): boolean {
  return dueTime !== null || now.getTime() - createTime.getTime() >= maxAgeMs;
}

const sealedPrefix = "sealed:";

async function toSigningKey({ kid, privateKey }: SigningKeyRow, sealing: Sealing): Promise<SigningKey> {
  const pem = privateKey.startsWith(sealedPrefix)
    ? sealing.open(privateKey.slice(sealedPrefix.length), kid)
    : privateKey;
  return { kid, privateKey: await importPKCS8(pem, "EdDSA") };
}

async function generateSigningKey(tx: Db, { sealing, seals }: SigningKeysOptions, now: Date): Promise<SigningKeyRow> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(publicKey);
  if (!jwk.x) throw new Error("An Ed25519 key has an x.");
  const kid = await calculateJwkThumbprint(jwk);
  const pem = await exportPKCS8(privateKey);
  return {
    kid,
    privateKey: seals ? sealedPrefix + (await sealing.seal(tx, pem, kid)) : pem,
    publicKey: jwk.x,
    createTime: now,
    dueTime: null,
    retireTime: null,
  };
}
