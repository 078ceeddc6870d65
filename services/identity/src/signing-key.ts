import type { Db } from "@lyceum/database";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8 } from "jose";
import { findActiveSigningKey, insertSigningKey, type SigningKeyRow } from "./store.ts";

/** The key that signs this process's access tokens. */
export type SigningKey = { readonly kid: string; readonly privateKey: CryptoKey };

/** Opens the active signing key, which the first start of the first replica makes. */
export async function openSigningKey(db: Db): Promise<SigningKey> {
  let row = await findActiveSigningKey(db);
  if (!row) {
    await insertSigningKey(db, await generateSigningKey());
    // Two replicas that start at once both get here; the database kept one of their keys.
    row = await findActiveSigningKey(db);
  }
  if (!row) throw new Error("The database keeps no active signing key.");
  return { kid: row.kid, privateKey: await importPKCS8(row.privateKey, "EdDSA") };
}

async function generateSigningKey(): Promise<SigningKeyRow> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(publicKey);
  if (!jwk.x) throw new Error("An Ed25519 key has an x.");
  return {
    kid: await calculateJwkThumbprint(jwk),
    privateKey: await exportPKCS8(privateKey),
    publicKey: jwk.x,
    createTime: new Date(),
    retireTime: null,
  };
}
