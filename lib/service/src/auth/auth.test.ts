import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { tempFolder } from "@lyceum/testing";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeServiceKeys } from "../make-service-keys.ts";
import { serviceNames } from "../service-name.ts";
import { createAuthenticator } from "./authenticator.ts";
import { createKeyRing } from "./key-ring.ts";
import { createRevocations } from "./revocations.ts";
import { openServiceKeys } from "./service-keys.ts";

const issuer = "https://lyceum.example";
const lifetimeMs = 600_000;
let keys: JWK[];
let privateKey: CryptoKey;
let fetches: number;
let reachable: boolean;
let cacheFile: string;

beforeEach(async () => {
  const pair = await generateKeyPair("EdDSA");
  privateKey = pair.privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: "k1" }];
  fetches = 0;
  reachable = true;
  const folder = await tempFolder();
  mkdirSync(join(folder, "keys"));
  cacheFile = join(folder, "keys/jwks.json");
});
afterEach(() => void vi.useRealTimers());

const ring = () =>
  createKeyRing({
    fetchKeys: async () => {
      fetches += 1;
      if (!reachable) throw new Error("away");
      return keys;
    },
    cacheFile,
    trusted: [],
  });

async function verifier() {
  const revocations = createRevocations(lifetimeMs);
  const serviceKeys = await openServiceKeys(serviceNames, {});
  const trust = { issuer, accessKeys: ring(), serviceKeys, revocations };
  return { revocations, serviceKeys, ...createAuthenticator(trust) };
}

function sign(claims: Record<string, unknown> = {}, kid = "k1"): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const good = { iss: issuer, aud: "lyceum", sub: "u1", sid: "s1", roles: ["teacher"], iat: nowS, exp: nowS + 600 };
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: "EdDSA", kid }).sign(privateKey);
}

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error) => ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason,
  );

test("a good access token names its person", async () => {
  const { authenticate } = await verifier();
  const person = { kind: "person", userId: "u1", sessionId: "s1", roles: ["teacher"] };
  expect(await authenticate(await sign(), "files")).toEqual(person);
  expect(await authenticate(await sign(), undefined)).toEqual(person);
});

test.each([
  [{ iss: "https://elsewhere.example" }, "TOKEN_INVALID"],
  [{ aud: "files" }, "TOKEN_INVALID"],
  [{ sub: undefined }, "TOKEN_INVALID"],
  [{ sid: undefined }, "TOKEN_INVALID"],
  [{ exp: undefined }, "TOKEN_INVALID"],
  [{ exp: Math.floor(Date.now() / 1000) - 60 }, "TOKEN_EXPIRED"],
  [{ nbf: Math.floor(Date.now() / 1000) + 60 }, "TOKEN_INVALID"],
])("an access token with %o is refused", async (claims, reason) => {
  const { authenticate } = await verifier();
  expect(await reasonOf(authenticate(await sign(claims), "files"))).toBe(reason);
});

test("only an Ed25519 signature by a published key counts, whatever the header says", async () => {
  const { authenticate } = await verifier();
  const [header = "", payload = "", signature = ""] = (await sign()).split(".");
  const write = (fields: object) => Buffer.from(JSON.stringify(fields)).toString("base64url");
  const hmacOf = (text: string) => createHmac("sha256", String(keys[0]?.x)).update(text).digest("base64url");
  const hmacHead = write({ alg: "HS256", kid: "k1" });
  const [head = ""] = (await sign({}, "../../keys/jwks.json")).split(".");
  const forged = [
    `${write({ alg: "none", kid: "k1" })}.${payload}.`,
    `${write({ alg: "none", kid: "k1" })}.${payload}.${signature}`,
    `${hmacHead}.${payload}.${hmacOf(`${hmacHead}.${payload}`)}`,
    `${write({ alg: "EdDSA", kid: "k1", jwk: keys[0] })}.${payload}.${signature}`,
    `${write({ alg: "EdDSA" })}.${payload}.${signature}`,
    `${head}.${payload}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${hmacOf("x")}`,
    await sign({}, "k1/../k1"),
    await sign({}, "__proto__"),
    await sign({}, "k1\0"),
  ];
  for (const token of forged) expect(await reasonOf(authenticate(token, "files"))).toBe("TOKEN_INVALID");
});

test("a token that was good expires, whatever it says longer than ten minutes", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { authenticate } = await verifier();
  const token = await sign({ exp: Math.floor(Date.now() / 1000) + 86_400 });
  await authenticate(token, "files");
  vi.setSystemTime(Date.now() + lifetimeMs + 6_000);
  expect(await reasonOf(authenticate(token, "files"))).toBe("TOKEN_EXPIRED");
});

test("a revoked session's tokens are refused, known or new, and its watchers hear of it once", async () => {
  const { authenticate, revocations } = await verifier();
  const token = await sign();
  await authenticate(token, "files");
  const heard: string[] = [];
  revocations.watch("s1", ({ rawMessage }) => heard.push(rawMessage));
  const unwatch = revocations.watch("s1", () => heard.push("left"));
  unwatch();
  revocations.revoke("s1", new Date());
  revocations.revoke("s1", new Date());
  expect(heard).toEqual(["This session has ended. Sign in again."]);
  expect(await reasonOf(authenticate(token, "files"))).toBe("SESSION_REVOKED");
  expect(await reasonOf(authenticate(await sign({ iat: 1 }), "files"))).toBe("SESSION_REVOKED");
  expect(await reasonOf(authenticate(await sign({ sid: "s2" }), "files"))).toBe("accepted");
});

test("revocations are forgotten when no token of theirs can be alive", () => {
  const revocations = createRevocations(lifetimeMs);
  revocations.revoke("old", new Date(Date.now() - lifetimeMs - 61_000));
  revocations.revoke("new", new Date());
  expect([revocations.has("old"), revocations.has("new")]).toEqual([false, true]);
});

test("service tokens are for their callee, and for nobody where there is none", async () => {
  const { authenticate, serviceKeys } = await verifier();
  const token = await serviceKeys.sign("files", "rag", "u1");
  expect(await authenticate(token, "rag")).toEqual({ kind: "service", service: "files", onBehalfOf: "u1" });
  expect(await reasonOf(authenticate(token, "files"))).toBe("TOKEN_INVALID");
  expect(await reasonOf(authenticate(token, undefined))).toBe("TOKEN_INVALID");
  const strangers = await openServiceKeys(serviceNames, {});
  expect(await reasonOf(authenticate(await strangers.sign("files", "rag", undefined), "rag"))).toBe("TOKEN_INVALID");
});

test("keys given by variables let processes know one another", async () => {
  const env = await makeServiceKeys();
  const files = await openServiceKeys(["files"], env);
  const serviceKeys = await openServiceKeys(["rag"], env);
  const trust = { issuer, accessKeys: ring(), serviceKeys, revocations: createRevocations(lifetimeMs) };
  const token = await files.sign("files", "rag", undefined);
  expect(await createAuthenticator(trust).authenticate(token, "rag")).toMatchObject({ service: "files" });
});

test("a process that does not run everything names the keys it lacks, and what makes them", async () => {
  const env = await makeServiceKeys();
  const { keys } = JSON.parse(env.LYCEUM_SERVICE_KEYS ?? "");
  const refusal = (changed: Record<string, string | undefined>) =>
    openServiceKeys(["files"], { ...env, ...changed }).then(() => "opened", String);
  expect(await refusal({ FILES_KEY: undefined, LYCEUM_SERVICE_KEYS: undefined })).toBe(
    "StartError: This process does not run gateway, identity, profile, chat, ingest, rag: set LYCEUM_SERVICE_KEYS, FILES_KEY; `npm run keys` makes them all.",
  );
  expect(await refusal({ FILES_KEY: undefined })).toContain("set FILES_KEY;");
  expect(await refusal({ LYCEUM_SERVICE_KEYS: JSON.stringify({ keys: keys.slice(1) }) })).toContain(
    "lacks the key of gateway",
  );
  expect(await refusal({ FILES_KEY: (await makeServiceKeys()).FILES_KEY })).toContain(
    "FILES_KEY is not the key that LYCEUM_SERVICE_KEYS has of files",
  );
});

test("an unknown key is asked for at most once a second, and found by whoever waits", async () => {
  const accessKeys = ring();
  await accessKeys.load();
  const rotated = await generateKeyPair("EdDSA");
  keys = [...keys, { ...(await exportJWK(rotated.publicKey)), kid: "k2" }];
  const unknown = await Promise.all(Array.from({ length: 20 }, (_, n) => accessKeys.find(`k${n + 2}`)));
  expect(unknown.map((key) => key !== undefined)).toEqual([true, ...Array(19).fill(false)]);
  expect(fetches).toBe(2);
});

test("keys kept on disk serve while identity is away; a key nobody knows is unavailable then", async () => {
  await ring().load();
  expect(JSON.parse(readFileSync(cacheFile, "utf8"))).toMatchObject([{ kid: "k1" }]);
  reachable = false;
  const later = ring();
  await later.load();
  expect(await later.find("k1")).toBeDefined();
  await expect(later.find("k9")).rejects.toMatchObject({ code: Code.Unavailable });
});
