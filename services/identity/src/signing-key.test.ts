import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signingKeys } from "./schema.ts";
import { openSigningKey } from "./signing-key.ts";
import { startIdentity, type TestIdentity } from "./test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

const publishedKids = async () => (await identity.anonymous.getJwks({})).keys.map(({ kid }) => kid);

test("stays the same from start to start", async () => {
  const { kid } = await openSigningKey(identity.host.database.db);
  expect(await publishedKids()).toEqual([kid]);
});

test("is published until the last token it signed has ended", async () => {
  const { db } = identity.host.database;
  const { kid: first } = await openSigningKey(db);
  const retire = (secondsAgo: number) =>
    db
      .update(signingKeys)
      .set({ retireTime: new Date(Date.now() - secondsAgo * 1000) })
      .where(eq(signingKeys.kid, first));

  await retire(590);
  // Five replicas that start at once agree on one successor.
  const opened = await Promise.all(Array.from({ length: 5 }, () => openSigningKey(db)));
  const [second, ...more] = new Set(opened.map(({ kid }) => kid));
  expect(more).toEqual([]);
  expect(await publishedKids()).toEqual([second, first]);

  await retire(610);
  expect(await publishedKids()).toEqual([second]);
});

test("leaves its private half nowhere in the published set", async () => {
  const { keys } = await identity.anonymous.getJwks({});
  expect(Object.keys(keys[0] ?? {}).filter((name) => !name.startsWith("$"))).toEqual([
    "kty",
    "crv",
    "x",
    "kid",
    "alg",
    "use",
  ]);
});
