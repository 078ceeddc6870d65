import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";
import type { ServiceName } from "../define-service.ts";
import { StartError } from "../errors.ts";
import { serviceNames } from "../service-name.ts";

/** The keys by which services know one another. */
export type ServiceKeys = {
  /** The public key of a service, if it is known here. */
  find(service: string): CryptoKey | undefined;
  /** A token by which `service`, hosted here, calls `callee`. */
  sign(service: ServiceName, callee: ServiceName, onBehalfOf: string | undefined): Promise<string>;
};

const lifetimeS = 60;
const jwk = z.looseObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  kid: z.string().optional(),
});
const keySet = z.object({ keys: z.array(jwk.extend({ kid: z.string() })) });

/**
 * Opens the keys of the services hosted here. `<SERVICE>_KEY` holds a private Ed25519 JWK and `LYCEUM_SERVICE_KEYS` the
 * JSON Web Key Set of all public ones, `kid` being the service's name. A process that hosts all services may have neither:
 * its keys are made now. In any other a key that nobody else knows would be refused by all, so there all must be given.
 */
export async function openServiceKeys(
  hosted: readonly ServiceName[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<ServiceKeys> {
  const publicKeys = await readPublicKeys(env[keySetVariable]);
  requireKeys(hosted, env, publicKeys);
  const privateKeys = new Map<ServiceName, CryptoKey>();
  for (const service of hosted) {
    const variable = keyVariable(service);
    const given = env[variable];
    const key: JWK = given ? readJson(variable, given, jwk.extend({ d: z.string() })) : await generateKey();
    privateKeys.set(service, await importKey(variable, key));
    const own = await importKey(variable, { kty: "OKP", crv: "Ed25519", x: key.x as string });
    const known = publicKeys.get(service);
    if (known && !(await isSame(known, own))) {
      throw new StartError(`${variable} is not the key that ${keySetVariable} has of ${service}: ${remedy}`);
    }
    publicKeys.set(service, own);
  }
  return { find: (service) => publicKeys.get(service), sign: createSigner(privateKeys) };
}

const keySetVariable = "LYCEUM_SERVICE_KEYS";
const keyVariable = (service: ServiceName) => `${service.toUpperCase()}_KEY`;
const remedy = "`npm run keys` makes them all.";

async function readPublicKeys(given: string | undefined): Promise<Map<string, CryptoKey>> {
  const keys = given ? readJson(keySetVariable, given, keySet).keys : [];
  return new Map(await Promise.all(keys.map(async (key) => [key.kid, await importKey(keySetVariable, key)] as const)));
}

function requireKeys(
  hosted: readonly ServiceName[],
  env: Readonly<Record<string, string | undefined>>,
  publicKeys: ReadonlyMap<string, CryptoKey>,
): void {
  const elsewhere = serviceNames.filter((name) => !hosted.includes(name));
  if (elsewhere.length === 0) return;
  const unset = [keySetVariable, ...hosted.map(keyVariable)].filter((variable) => !env[variable]);
  if (unset.length > 0) {
    throw new StartError(`This process does not run ${elsewhere.join(", ")}: set ${unset.join(", ")}; ${remedy}`);
  }
  const unknown = serviceNames.filter((name) => !publicKeys.has(name));
  if (unknown.length > 0) throw new StartError(`${keySetVariable} lacks the key of ${unknown.join(", ")}: ${remedy}`);
}

async function isSame(one: CryptoKey, other: CryptoKey): Promise<boolean> {
  return (await exportJWK(one)).x === (await exportJWK(other)).x;
}

function createSigner(privateKeys: ReadonlyMap<ServiceName, CryptoKey>): ServiceKeys["sign"] {
  const signed = new Map<string, { token: Promise<string>; untilMs: number }>();
  return (service, callee, onBehalfOf) => {
    const key = privateKeys.get(service);
    if (!key) return Promise.reject(new Error(`${service} does not run here and cannot sign.`));
    const name = `${service} ${callee} ${onBehalfOf ?? ""}`;
    const kept = signed.get(name);
    if (kept && kept.untilMs > Date.now()) return kept.token;
    if (signed.size > 1_000) signed.clear();
    const token = new SignJWT(onBehalfOf === undefined ? {} : { on_behalf_of: onBehalfOf })
      .setProtectedHeader({ alg: "EdDSA", kid: service })
      .setIssuer(service)
      .setAudience(callee)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeS}s`)
      .sign(key);
    signed.set(name, { token, untilMs: Date.now() + (lifetimeS * 1000) / 2 });
    return token;
  };
}

/** A new private Ed25519 key. */
export async function generateKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return exportJWK(privateKey);
}

function readJson<T>(variable: string, text: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parse(text));
  if (!result.success) throw new StartError(`${variable} does not hold Ed25519 keys as JSON Web Keys.`);
  return result.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function importKey(variable: string, key: JWK): Promise<CryptoKey> {
  try {
    return (await importJWK(key, "EdDSA")) as CryptoKey;
  } catch {
    throw new StartError(`${variable} holds a key that is not a valid Ed25519 key.`);
  }
}
