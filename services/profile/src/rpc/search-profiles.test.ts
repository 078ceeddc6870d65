import { Code } from "@connectrpc/connect";
import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renewWordsKind } from "../jobs/renew-words.ts";
import { nameWords, profiles } from "../schema.ts";
import { codeOf, startProfile, type TestProfile } from "../test-profile.ts";

const names: Record<string, string> = {
  "id-ada": "Ada Lovelace",
  "id-adele": "Adèle Loveday",
  "id-anna": "Anna Anderson-Ångström",
  "id-emilie": "Émilie du Châtelet",
  "id-hidden": "Ada Hidden",
  "id-taro": "山田 太郎",
};

let profile: TestProfile;
beforeAll(async () => {
  profile = await startProfile();
  for (const [userId, name] of Object.entries(names)) profile.accounts.set(userId, name);
  await profile.as("id-ada").batchGetProfiles({ userIds: Object.keys(names) });
  await profile.as("id-hidden").updateProfile({ privacy: { discoverable: false } });
});
afterAll(() => profile[Symbol.asyncDispose]());

const search = async (query: string, page: { pageSize?: number; pageToken?: string } = {}) =>
  profile.as("searcher").searchProfiles({ query, ...page });
const found = async (query: string) => (await search(query)).profiles.map(({ userId }) => userId.replace("id-", ""));

test.each([
  ["ada", ["ada"]],
  ["ADÈ", ["adele"]],
  ["lov", ["adele", "ada"]],
  ["love ad", ["adele", "ada"]],
  ["a lovel", ["ada"]],
  ["emilie chat", ["emilie"]],
  ["  Du  CHÂ ", ["emilie"]],
  ["an", ["anna"]],
  ["angstrom", ["anna"]],
  ["山田", ["taro"]],
  ["lace", []],
  ["ada emilie", []],
  ["%%", undefined],
  ["ad%", ["ada", "adele"]],
])("%j finds %j", async (query, people) => {
  if (people) expect(await found(query)).toEqual(people);
  else expect(await codeOf(search(query))).toBe(Code.InvalidArgument);
});

test("finds a person by the id", async () => {
  expect(await found(" id-emilie ")).toEqual(["emilie"]);
});

test("does not find those who made themselves private, until they no longer are", async () => {
  expect(await found("id-hidden")).toEqual([]);
  expect((await profile.as("searcher").getProfile({ userId: "id-hidden" })).profile?.displayName).toBe("Ada Hidden");
  await profile.as("id-hidden").updateProfile({ privacy: { discoverable: true }, displayName: "Zoë Shown" });
  expect(await found("zoe")).toEqual(["hidden"]);
  await profile.as("id-hidden").updateProfile({ displayName: "Ada Hidden" });
  expect(await found("zoe")).toEqual([]);
  await profile.as("id-hidden").updateProfile({ privacy: { discoverable: false } });
  expect(await found("ada hid")).toEqual([]);
});

test("tells of those it finds only what everybody may see", async () => {
  await profile.as("id-adele").updateProfile({ bio: "Sings.", locale: "fr", timeZone: "Europe/Paris" });
  const [seen] = (await search("adele")).profiles;
  expect(seen).toMatchObject({
    userId: "id-adele",
    displayName: "Adèle Loveday",
    bio: "Sings.",
    locale: "",
    timeZone: "",
  });
  expect(seen?.preferences ?? seen?.privacy).toBeUndefined();
});

test("pages hold everybody once, in one order", async () => {
  const many = Array.from({ length: 23 }, (_, index) => `zed-${index}`);
  // Both words begin with the query: nobody may come twice.
  for (const userId of many) profile.accounts.set(userId, `Zelda${userId.slice(4)} Zephyr`);
  await profile.as("id-ada").batchGetProfiles({ userIds: many });
  const seen: string[] = [];
  for (let pageToken = "", more = true; more; more = pageToken !== "") {
    const page = await search("ze", { pageSize: 5, pageToken });
    expect(page.profiles.length).toBeLessThanOrEqual(5);
    seen.push(...page.profiles.map(({ userId }) => userId));
    pageToken = page.nextPageToken;
  }
  expect(seen.toSorted()).toEqual(many.toSorted());
});

test.each(["a", " a ", "a b", "", "🙂🙂", "x".repeat(81)])("refuses the query %j", async (query) => {
  expect(await codeOf(search(query))).toBe(Code.InvalidArgument);
});

test.each(["x", "bnVsbA", "WyJhXHUwMDAwIiwxXQ"])("refuses the page token %j", async (pageToken) => {
  expect(await codeOf(search("ada", { pageToken }))).toBe(Code.InvalidArgument);
});

test("a page token with a NUL harms nothing", async () => {
  const pageToken = Buffer.from(JSON.stringify(["\0", "\0"])).toString("base64url");
  expect((await search("ada lov", { pageToken })).profiles).toEqual([]);
});

test("is for signed-in people", async () => {
  expect(await codeOf(profile.process.client(ProfileService, {}).searchProfiles({ query: "ada" }))).toBe(
    Code.Unauthenticated,
  );
});

test("names from before there was a search are cut into words", async () => {
  const { database, jobs } = profile.process.host("profile");
  await database.transaction(async (tx) => {
    await tx.delete(nameWords);
    await tx.update(profiles).set({ wordRules: 0 });
    await jobs.enqueue(tx, { kind: renewWordsKind, key: "all", payload: {}, lane: renewWordsKind });
  });
  await profile.process.eventually(async () => expect(await found("emilie chat")).toEqual(["emilie"]));
  expect(await found("ada hid")).toEqual([]);
});
