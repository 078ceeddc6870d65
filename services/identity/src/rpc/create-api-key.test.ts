import { Code } from "@connectrpc/connect";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endExpiredKeys } from "../jobs/end-expired-key.ts";
import { apiKeys } from "../schema.ts";
import { failureOf, startIdentity, type TestIdentity } from "../test-identity.ts";

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity[Symbol.asyncDispose]());

test("a name or a time that no key can have is refused, and no key is made", async () => {
  const { client } = await identity.someone();
  const never = { seconds: 253_402_300_800n, nanos: 0 };
  for (const request of [{ name: "a\0b" }, { name: "a\nb" }, { name: "a", expireTime: never }]) {
    expect(await failureOf(client.createApiKey(request))).toMatchObject({ code: Code.InvalidArgument });
  }
  expect((await client.listApiKeys({})).apiKeys).toEqual([]);
});

test("a key that expired before ends were ordered is told of as ended, once, and no other key is", async () => {
  const { client } = await identity.someone();
  const make = async (name: string) => (await client.createApiKey({ name })).apiKey?.id ?? "";
  const [old, young, endless] = [await make("old"), await make("young"), await make("endless")];
  const { db } = identity.host.database;
  const day = 24 * 3_600_000;
  const move = (id: string, days: number) =>
    db
      .update(apiKeys)
      .set({ expireTime: new Date(Date.now() + days * day) })
      .where(eq(apiKeys.id, id));
  await move(old, -1);
  await move(young, 1);
  for (const _ of [1, 2]) await endExpiredKeys(identity.host, new Date());
  const told = () =>
    identity.process.events().flatMap(({ type, key }) => (type.endsWith("SessionRevoked") ? [key] : []));
  await identity.process.eventually(async () => expect(told()).toContain(old));
  expect(told().filter((key) => [old, young, endless].includes(key))).toEqual([old]);
});
