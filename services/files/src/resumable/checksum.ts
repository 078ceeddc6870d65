import { createHash } from "node:crypto";
import { malformedUpload } from "../errors.ts";

/** What tus' checksum extension may be asked to check with. */
export const checksumAlgorithms = ["sha1", "sha256", "md5"] as const;

/** The checksum that bytes are announced to have. */
export type Checksum = { add(piece: Uint8Array): void; matches(): boolean };

/** Reads an `Upload-Checksum` header: an algorithm and the checksum in base64. */
export function readChecksum(header: string | undefined): Checksum | undefined {
  if (header === undefined) return undefined;
  const [, name, wanted = ""] = /^(\w+) +([A-Za-z0-9+/]+={0,2})$/.exec(header) ?? [];
  const algorithm = checksumAlgorithms.find((known) => known === name);
  if (!algorithm) {
    throw malformedUpload(
      `Upload-Checksum is one of ${checksumAlgorithms.join(", ")}, a space, and the checksum in base64.`,
    );
  }
  const hash = createHash(algorithm);
  return {
    add: (piece) => void hash.update(piece),
    matches: () => hash.digest().equals(Buffer.from(wanted, "base64")),
  };
}
