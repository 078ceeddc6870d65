import { Code } from "@connectrpc/connect";
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
