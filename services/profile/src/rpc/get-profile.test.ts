import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { codeOf, registerTime, startProfile, type TestProfile } from "../test-profile.ts";

let profile: TestProfile;
beforeAll(async () => {
  profile = await startProfile();
});
beforeEach(() => {
  profile.asked.length = 0;
});
afterAll(() => profile[Symbol.asyncDispose]());

test("makes one's own profile from identity while the registration is under way", async () => {
  profile.accounts.set("ada", "Ada Lovelace");
  const { profile: own } = await profile.as("ada").getProfile({ userId: "me" });
  expect(own).toMatchObject({ userId: "ada", displayName: "Ada Lovelace", bio: "", locale: "", timeZone: "" });
  expect(own?.createTime && timestampDate(own.createTime)).toEqual(registerTime);
});

test("asks identity about a person once, however many ask at once", async () => {
  profile.accounts.set("grace", "Grace Hopper");
  const answers = await Promise.all(
    ["me", "grace", "grace"].map((userId) => profile.as("grace").getProfile({ userId })),
  );
  expect(new Set(answers.map((answer) => answer.profile?.displayName))).toEqual(new Set(["Grace Hopper"]));
  profile.asked.length = 0;
  await profile.as("ada").getProfile({ userId: "grace" });
  expect(profile.asked).toEqual([]);
  await profile.process.eventually(() =>
    expect(profile.process.events().filter(({ key }) => key === "grace")).toHaveLength(1),
  );
});

test.each(["nobody", "nul\0", "x".repeat(64)])("asks identity before it does not know %j", async (userId) => {
  expect(await codeOf(profile.as("ada").getProfile({ userId }))).toBe(Code.NotFound);
  expect(profile.asked).toEqual([[userId]]);
});

test("does not take a person for unknown while identity is down", async () => {
  profile.accounts.set("joan", "Joan Clarke");
  profile.identityDown = true;
  expect(await codeOf(profile.as("ada").getProfile({ userId: "joan" }))).toBe(Code.Unavailable);
  profile.identityDown = false;
  expect((await profile.as("ada").getProfile({ userId: "joan" })).profile?.displayName).toBe("Joan Clarke");
});

test("shows locale and time zone to the person alone", async () => {
  profile.accounts.set("mary", "Mary Somerville");
  const change = { locale: "en-GB", timeZone: "Europe/London", bio: "Star gazer." };
  await profile.as("mary").updateProfile(change);
  expect((await profile.as("mary").getProfile({ userId: "mary" })).profile).toMatchObject(change);
  expect((await profile.as("ada").getProfile({ userId: "mary" })).profile).toMatchObject({
    displayName: "Mary Somerville",
    bio: "Star gazer.",
    locale: "",
    timeZone: "",
  });
});

test("gets several at once and leaves unknown people out", async () => {
  profile.accounts.set("emmy", "Emmy Noether");
  profile.accounts.set("sofia", "Sofia Kovalevskaya");
  await profile.as("emmy").updateProfile({ locale: "de" });
  const userIds = ["emmy", "nobody", "sofia", "emmy", "nul\0"];
  const { profiles } = await profile.as("sofia").batchGetProfiles({ userIds });
  expect(new Map(profiles.map(({ userId, displayName }) => [userId, displayName]))).toEqual(
    new Map([
      ["emmy", "Emmy Noether"],
      ["sofia", "Sofia Kovalevskaya"],
    ]),
  );
  expect(profiles).toHaveLength(2);
  expect(profiles.every(({ locale }) => locale === "")).toBe(true);
});

test.each([0, 251])("refuses %d people at once", async (length) => {
  const userIds = Array.from({ length }, (_, index) => `${index}`);
  expect(await codeOf(profile.as("ada").batchGetProfiles({ userIds }))).toBe(Code.InvalidArgument);
});

test.each(["", "x".repeat(65)])("refuses the id %j", async (userId) => {
  expect(await codeOf(profile.as("ada").getProfile({ userId }))).toBe(Code.InvalidArgument);
});

test("asks everyone to sign in first", async () => {
  const anonymous = profile.process.client(ProfileService, {});
  for (const call of [
    anonymous.getProfile({ userId: "ada" }),
    anonymous.updateProfile({}),
    anonymous.batchGetProfiles({ userIds: ["ada"] }),
  ]) {
    expect(await codeOf(call)).toBe(Code.Unauthenticated);
  }
});
