import type { JWK } from "jose";
import { generateKey } from "./auth/service-keys.ts";
import { serviceNames } from "./service-name.ts";

/** New Ed25519 keys for every service, as the variables that carry them: LYCEUM_SERVICE_KEYS and each `<SERVICE>_KEY`. */
export async function makeServiceKeys(): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  const keys: JWK[] = [];
  for (const service of serviceNames) {
    const key = await generateKey();
    keys.push({ kty: "OKP", crv: "Ed25519", x: key.x as string, kid: service });
    variables[`${service.toUpperCase()}_KEY`] = JSON.stringify(key);
  }
  return { LYCEUM_SERVICE_KEYS: JSON.stringify({ keys }), ...variables };
}
