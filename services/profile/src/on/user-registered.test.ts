import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProfile, type TestProfile } from "../test-profile.ts";

let profile: TestProfile;
beforeAll(async () => {
  profile = await startProfile();
});
afterAll(() => profile[Symbol.asyncDispose]());

const updatesOf = (userId: string) =>
  profile.process.events().filter(({ type, key }) => type.endsWith("ProfileUpdated") && key === userId);

test("gives a new person a profile, with the name identity has", async () => {
  profile.accounts.set("ada", "Ada Lovelace");
  await profile.process.publish(userRegistered({ userId: "ada", version: 1 }));
  await profile.process.eventually(() => expect(updatesOf("ada")).toHaveLength(1));
  profile.identityDown = true;
  const { profile: found } = await profile.as("grace").getProfile({ userId: "ada" });
  profile.identityDown = false;
  expect(found?.displayName).toBe("Ada Lovelace");
});

test("waits for an identity that is down", async () => {
  profile.identityDown = true;
  profile.accounts.set("joan", "Joan Clarke");
  await profile.process.publish(userRegistered({ userId: "joan", version: 1 }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  profile.identityDown = false;
  await profile.process.eventually(() => expect(updatesOf("joan")).toHaveLength(1));
});

test("makes no second profile when a request came first", async () => {
  profile.accounts.set("mary", "Mary Somerville");
  await profile.as("mary").updateProfile({ displayName: "Mary" });
  await profile.process.publish(userRegistered({ userId: "mary", version: 1 }));
  profile.accounts.set("last", "Last");
  await profile.process.publish(userRegistered({ userId: "last", version: 1 }));
  await profile.process.eventually(() => expect(updatesOf("last")).toHaveLength(1));
  expect((await profile.as("mary").getProfile({ userId: "me" })).profile?.displayName).toBe("Mary");
  await profile.process.eventually(() => expect(updatesOf("mary")).toHaveLength(2));
});
