import { randomBytes } from "node:crypto";
import { ConnectError } from "@connectrpc/connect";
import { eq, isNull } from "drizzle-orm";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSealing } from "./factors/sealing.ts";
import { rotateSigningKey } from "./operations/rotate-signing-key.ts";
import { auditEvents, signingKeys } from "./schema.ts";
import { openSigningKeys, type SigningKeys } from "./signing-keys.ts";
import { goodPassword, startIdentity, type TestIdentity } from "./test-identity.ts";

const sealingKey = randomBytes(32).toString("base64");
let identity: TestIdentity;
/** Another replica on the same database. */
let replica: SigningKeys;
beforeAll(async () => {
  identity = await startIdentity({ IDENTITY_SEALING_KEY: sealingKey });
  replica = await openReplica();
});
afterAll(async () => {
  await replica[Symbol.asyncDispose]();
  await identity[Symbol.asyncDispose]();
});

const database = () => identity.host.database;
const publishedKids = async () => (await identity.anonymous.getJwks({})).keys.map(({ kid }) => kid);
async function openReplica(maxAgeMs = 86_400_000) {
  const { log } = identity.host;
  const sealing = await openSealing(database().db, identity.host.home, sealingKey);
  return openSigningKeys({ database: database(), sealing, seals: true, maxAgeMs, log });
}
const retire = (secondsAgo: number) => ({ retireTime: new Date(Date.now() - secondsAgo * 1000) });

test("stay the same from start to start", async () => {
  await using later = await openReplica();
  expect(await publishedKids()).toEqual([later.current().kid]);
});

test("have one successor when their time has come, whoever notices, and are published until their last token ended", async () => {
  const { kid: first } = replica.current();
  // Five replicas that start at once agree on it.
  await using old = await openReplica(1);
  const { kid: second } = old.current();
  expect(second).not.toBe(first);
  await rotateSigningKey({ database: database(), events: identity.host.events }, []);
  const opened = await Promise.all(Array.from({ length: 5 }, () => openReplica()));
  const [third, ...more] = new Set(opened.map((keys) => keys.current().kid));
  expect(more).toEqual([]);
  expect(await publishedKids()).toEqual([third, second, first]);
  for (const keys of opened) await keys[Symbol.asyncDispose]();

  const { db } = database();
  await db.update(signingKeys).set(retire(660)).where(eq(signingKeys.kid, first));
  await db
    .update(signingKeys)
    .set(retire(670))
    .where(eq(signingKeys.kid, second ?? ""));
  expect(await publishedKids()).toEqual([third, first]);
  const rotations = await db.select().from(auditEvents).where(eq(auditEvents.event, "signing-key-rotated"));
  expect(rotations.map(({ details }) => details.retired)).toEqual([first, second]);
});

test("change while people call, and no call fails", async () => {
  const ada = await identity.someone();
  let { refreshToken } = ada;
  let goesOn = true;
  const kids = new Set<string>();
  const refresh = async () => {
    const { session } = await identity.anonymous.refreshSession({ refreshToken });
    refreshToken = session?.refreshToken ?? "";
    return { session, kid: decodeProtectedHeader(session?.accessToken ?? "").kid ?? "" };
  };
  // Until it looks, this process signs with a key that the test before has retired long ago.
  await identity.process.eventually(async () => expect((await refresh()).kid).toBe((await publishedKids())[0]));
  const call = async () => {
    while (goesOn) {
      const { session, kid } = await refresh();
      kids.add(kid);
      await Promise.all([identity.holding(session).getAccount({}), ada.client.getAccount({})]);
    }
  };
  // Strangers make up keys at the same time, so that nobody may ask for the set at will.
  const stranger = async () => {
    const header = Buffer.from(JSON.stringify({ alg: "EdDSA", kid: "made up" })).toString("base64url");
    const claims = Buffer.from(JSON.stringify({ aud: "lyceum" })).toString("base64url");
    while (goesOn) {
      const failure = await identity
        .holding({ accessToken: `${header}.${claims}.AA` })
        .getAccount({})
        .catch(ConnectError.from);
      expect(failure).toMatchObject({ rawMessage: "The access token is not valid." });
    }
  };
  const calling = Promise.all([call(), stranger()]);
  try {
    await identity.process.eventually(() => expect(kids.size).toBe(1));
    await rotateSigningKey({ database: database(), events: identity.host.events }, []);
    await Promise.race([calling, identity.process.eventually(() => expect(kids.size).toBe(2))]);
  } finally {
    goesOn = false;
  }
  await calling;
  expect(await publishedKids()).toEqual(expect.arrayContaining([...kids]));
}, 20_000);

test("are sealed in the database, and told by nobody who has not the key", async () => {
  const [active] = await database().db.select().from(signingKeys).where(isNull(signingKeys.retireTime));
  expect(active?.privateKey).toMatch(/^sealed:[\w-]+$/);
  const other = openSealing(database().db, identity.host.home, randomBytes(32).toString("base64"));
  await expect(other).rejects.toThrow(/sealed with another key/);
});

test("leave their private half nowhere in the published set", async () => {
  const { keys } = await identity.anonymous.getJwks({});
  const names = Object.keys(keys[0] ?? {}).filter((name) => !name.startsWith("$"));
  expect(names).toEqual(["kty", "crv", "x", "kid", "alg", "use"]);
  expect(
    (await identity.anonymous.signIn({ email: "someone-1@example.org", password: goodPassword })).session,
  ).toBeDefined();
});
