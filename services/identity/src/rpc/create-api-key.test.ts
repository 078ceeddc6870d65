import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
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
