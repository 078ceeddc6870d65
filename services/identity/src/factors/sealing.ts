import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Db } from "@lyceum/database";
import { StartError } from "@lyceum/service";
import { claimSealingKey, findSealingKey } from "./factor-store.ts";

/** Keeps secrets that must be read again, so that who has only the database cannot read them. */
export type Sealing = {
  /** Seals `text` for its owner; opens for nobody else. Notes in `tx` which key did. */
  seal(tx: Db, text: string, owner: string): Promise<string>;
  open(sealed: string, owner: string): string;
};

/**
 * Opens the key given in base64, or else the one in the service's folder, which the first start makes. Throws a StartError if the
 * database was sealed with another one.
 */
export async function openSealing(db: Db, home: string, given: string | undefined): Promise<Sealing> {
  const key = given === undefined ? await openKeyFile(join(home, "sealing.key")) : Buffer.from(given, "base64");
  const fingerprint = createHmac("sha256", key).update("fingerprint").digest("base64url");
  const known = await findSealingKey(db);
  if (known !== undefined && known !== fingerprint) throw new StartError(otherKey);
  return {
    async seal(tx, text, owner) {
      if ((await claimSealingKey(tx, fingerprint)) !== fingerprint) throw new Error(otherKey);
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner));
      const sealed = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(sealed).toString("base64url");
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed, "base64url");
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8");
    },
  };
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const otherKey =
  "identity's database holds secrets sealed with another key: set IDENTITY_SEALING_KEY to it, or put its file sealing.key back into identity's folder.";

async function openKeyFile(file: string): Promise<Buffer> {
  try {
    await writeFile(file, randomBytes(32).toString("base64"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = Buffer.from(await readFile(file, "utf8"), "base64");
  if (key.length !== 32) throw new StartError(`${file} holds no key of 32 bytes in base64.`);
  return key;
}
