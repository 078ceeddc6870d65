import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import { ColorScheme, PresenceAudience, RoomNotifications } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import type { UpdateProfileRequestSchema } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startProfile, type TestProfile } from "../test-profile.ts";

let profile: TestProfile;
beforeAll(async () => {
  profile = await startProfile();
});
afterAll(() => profile[Symbol.asyncDispose]());

const versionsOf = (userId: string) =>
  profile.process
    .events()
    .filter(({ key }) => key === userId)
    .map(({ data }) => (data as { version: number }).version);

test("changes the fields that are present and no others", async () => {
  profile.accounts.set("ada", "Ada");
  const ada = profile.as("ada");
  await ada.updateProfile({ displayName: " Ada Lovelace ", bio: "Counts.", locale: "EN-gb" });
  const { profile: changed } = await ada.updateProfile({ timeZone: "Europe/London", bio: "" });
  expect(changed).toMatchObject({
    displayName: "Ada Lovelace",
    bio: "",
    locale: "en-GB",
    timeZone: "Europe/London",
  });
  expect((await ada.getProfile({ userId: "me" })).profile).toEqual(changed);
  expect((await ada.updateProfile({ locale: "" })).profile).toMatchObject({ locale: "", timeZone: "Europe/London" });
});

test("tells of every change with its version, and not of what changes nothing", async () => {
  profile.accounts.set("grace", "Grace");
  const grace = profile.as("grace");
  await grace.updateProfile({ bio: "one" });
  await grace.updateProfile({ bio: "one" });
  await grace.updateProfile({});
  await grace.updateProfile({ bio: "two" });
  await profile.process.eventually(() => expect(versionsOf("grace")).toEqual([1, 2, 3]));
});

test("loses none of many changes at once", async () => {
  profile.accounts.set("joan", "Joan");
  const joan = profile.as("joan");
  await Promise.all(Array.from({ length: 10 }, (_, index) => joan.updateProfile({ bio: `${index}` })));
  await profile.process.eventually(() =>
    expect(versionsOf("joan")).toEqual(Array.from({ length: 11 }, (_, index) => index + 1)),
  );
});

test("keeps preferences and privacy for the person alone, and changes those that are present", async () => {
  profile.accounts.set("emmy", "Emmy Noether");
  const emmy = profile.as("emmy");
  const before = (await emmy.getProfile({ userId: "me" })).profile;
  expect(before).toMatchObject({
    preferences: {
      roomNotifications: RoomNotifications.ALL,
      documentNotifications: true,
      sounds: false,
      colorScheme: ColorScheme.SYSTEM,
      compact: false,
      reducedMotion: false,
    },
    privacy: { discoverable: true, presence: PresenceAudience.ROOMS },
  });
  await emmy.updateProfile({ preferences: { colorScheme: ColorScheme.DARK, documentNotifications: false } });
  const { profile: changed } = await emmy.updateProfile({
    preferences: { sounds: true },
    privacy: { discoverable: false, presence: PresenceAudience.NOBODY },
  });
  expect(changed).toMatchObject({
    preferences: { ...before?.preferences, colorScheme: ColorScheme.DARK, documentNotifications: false, sounds: true },
    privacy: { discoverable: false, presence: PresenceAudience.NOBODY },
  });
  const { clients } = profile.chatHost;
  const asked = { userIds: ["emmy", "nobody"] };
  const { audiences } = await clients
    .of(ProfileInternalService)
    .listPresenceAudiences(asked, await clients.asService("profile"));
  expect(audiences).toEqual({ emmy: PresenceAudience.NOBODY });
  const seen = (await profile.as("grace").getProfile({ userId: "emmy" })).profile;
  expect(seen?.displayName).toBe("Emmy Noether");
  expect(seen?.preferences ?? seen?.privacy).toBeUndefined();
});

test("a change meant for another version is refused", async () => {
  profile.accounts.set("sofia", "Sofia");
  const sofia = profile.as("sofia");
  const { profile: first } = await sofia.updateProfile({ bio: "one" });
  await sofia.updateProfile({ bio: "two", version: first?.version });
  expect(await codeOf(sofia.updateProfile({ bio: "three", version: first?.version }))).toBe(Code.Aborted);
  expect((await sofia.getProfile({ userId: "me" })).profile).toMatchObject({ bio: "two", version: 3n });
});

const unknownChoices: MessageInitShape<typeof UpdateProfileRequestSchema>[] = [
  { preferences: { roomNotifications: RoomNotifications.UNSPECIFIED } },
  { preferences: { colorScheme: 9 as ColorScheme } },
  { version: 0n },
];
test.each(unknownChoices)("refuses a choice that there is not", async (change) => {
  profile.accounts.set("mary", "Mary");
  expect(await codeOf(profile.as("mary").updateProfile(change))).toBe(Code.InvalidArgument);
});

test.each([
  ["displayName", ""],
  ["displayName", "   "],
  ["displayName", "x".repeat(81)],
  ["displayName", "Ada\u0007"],
  ["bio", "x".repeat(501)],
  ["bio", "nul\u0000"],
  ["locale", "not a tag"],
  ["locale", "en-us-us"],
  ["timeZone", "Mars/Base"],
  ["timeZone", "+01"],
])("refuses %s %j and changes nothing", async (field, value) => {
  profile.accounts.set("mary", "Mary");
  const mary = profile.as("mary");
  expect(await codeOf(mary.updateProfile({ bio: "kept out", [field]: value }))).toBe(Code.InvalidArgument);
  expect((await mary.getProfile({ userId: "me" })).profile).toMatchObject({ displayName: "Mary", bio: "" });
});

test("does not make a profile for an account that identity does not know", async () => {
  expect(await codeOf(profile.as("stranger").updateProfile({ bio: "hello" }))).toBe(Code.NotFound);
});
