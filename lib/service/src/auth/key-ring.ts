import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { type CryptoKey, importJWK, type JWK } from "jose";
import { fail } from "../errors.ts";

/** The public keys that access tokens are verified with. */
export type KeyRing = {
  /** Fetches the keys once, so that the first call need not wait; a failure is left to `find`. */
  load(): Promise<void>;
  /** The key named `kid`, or undefined if its issuer knows none. Throws `unavailable` where the issuer can't be asked. */
  find(kid: string): Promise<CryptoKey | undefined>;
};

/** How a key ring gets its keys. */
export type KeySource = {
  /** Asks the issuer for its JSON Web Key Set. */
  readonly fetchKeys: () => Promise<readonly JWK[]>;
  /** Keeps the last set on disk, so that the issuer may be down at start. */
  readonly cacheFile: string;
  /** Keys trusted without asking. */
  readonly trusted: readonly JWK[];
};

// An unknown kid may be a new key, or an attacker's invention: the issuer is asked at most this often.
const refetchMs = 1_000;

export function createKeyRing({ fetchKeys, cacheFile, trusted }: KeySource): KeyRing {
  let keys = new Map<string, CryptoKey>();
  let lastStartMs = 0;
  let next: Promise<boolean> | undefined;

  const fetchAll = async () => {
    try {
      const set = await fetchKeys();
      keys = await importAll([...trusted, ...set]);
      await writeCache(cacheFile, set).catch(() => {});
      return true;
    } catch {
      return false;
    }
  };
  /** The outcome of a fetch that begins after the call, and so knows every key made before it. All who wait share one. */
  const refresh = () => {
    next ??= (async () => {
      const waitMs = lastStartMs + refetchMs - Date.now();
      await sleep(Math.min(Math.max(waitMs, 0), refetchMs), undefined, { ref: false });
      next = undefined;
      lastStartMs = Date.now();
      return fetchAll();
    })();
    return next;
  };
  return {
    async load() {
      keys = await importAll([...trusted, ...(await readCache(cacheFile))]);
      await refresh();
    },
    async find(kid) {
      const known = keys.get(kid);
      if (known) return known;
      const reached = await refresh();
      const found = keys.get(kid);
      if (!found && !reached) {
        throw fail(Code.Unavailable, "KEYS_UNAVAILABLE", "The keys that verify access tokens cannot be fetched now.");
      }
      return found;
    },
  };
}

async function importAll(set: readonly JWK[]): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>();
  for (const { kid, kty, crv, x } of set) {
    if (kid && x && kty === "OKP" && crv === "Ed25519") {
      keys.set(kid, (await importJWK({ kty, crv, x }, "EdDSA")) as CryptoKey);
    }
  }
  return keys;
}

async function readCache(file: string): Promise<JWK[]> {
  try {
    const set: unknown = JSON.parse(await readFile(file, "utf8"));
    return Array.isArray(set) ? set : [];
  } catch {
    return [];
  }
}

async function writeCache(file: string, set: readonly JWK[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const written = `${file}.${process.pid}`;
  await writeFile(written, JSON.stringify(set), { mode: 0o600 });
  await rename(written, file);
}
