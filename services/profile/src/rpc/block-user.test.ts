import { Code } from "@connectrpc/connect";
import { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startProfile, type TestProfile } from "../test-profile.ts";

let profile: TestProfile;
beforeAll(async () => {
  profile = await startProfile();
  for (const name of ["ada", "bob", "eve", "zoe"]) profile.accounts.set(name, `${name} blockworth`);
});
afterAll(() => profile[Symbol.asyncDispose]());

const found = async (viewer: string, query: string) =>
  (await profile.as(viewer).searchProfiles({ query })).profiles.map(({ userId }) => userId).sort();
const blockersOf = async (userId: string) => {
  const { clients } = profile.chatHost;
  const request = { userId, amongIds: ["ada", "bob", "nobody"] };
  return (await clients.of(ProfileInternalService).listBlockers(request, await clients.asService("profile"))).userIds;
};

test("hides the person from whom they blocked, by name and by id, and from nobody else", async () => {
  await profile.as("ada").batchGetProfiles({ userIds: ["ada", "bob", "eve"] });
  await profile.as("ada").blockUser({ userId: "eve" });
  await profile.as("ada").blockUser({ userId: "eve" });
  expect(await found("eve", "blockworth")).toEqual(["bob", "eve"]);
  expect(await found("eve", "ada")).toEqual([]);
  expect(await found("bob", "blockworth")).toEqual(["ada", "bob", "eve"]);
  expect(await found("ada", "blockworth")).toEqual(["ada", "bob"]);
  expect(await found("ada", "eve")).toEqual([]);
  expect(await blockersOf("eve")).toEqual(["ada"]);
  expect(await blockersOf("ada")).toEqual([]);

  await profile.as("ada").unblockUser({ userId: "eve" });
  await profile.as("ada").unblockUser({ userId: "eve" });
  expect(await found("eve", "ada")).toEqual(["ada"]);
  expect(await blockersOf("eve")).toEqual([]);
});

test("lists whom one has blocked, the latest first, in pages", async () => {
  for (const userId of ["ada", "eve", "zoe"]) await profile.as("bob").blockUser({ userId });
  const first = await profile.as("bob").listBlocked({ pageSize: 2 });
  expect(first.profiles.map(({ userId }) => userId)).toEqual(["zoe", "eve"]);
  const second = await profile.as("bob").listBlocked({ pageSize: 2, pageToken: first.nextPageToken });
  expect(second.profiles.map(({ displayName }) => displayName)).toEqual(["ada blockworth"]);
  expect(second.nextPageToken).toBe("");
  expect((await profile.as("ada").listBlocked({})).profiles).toEqual([]);
});

test("knows neither oneself nor people who do not exist", async () => {
  expect(await codeOf(profile.as("ada").blockUser({ userId: "ada" }))).toBe(Code.InvalidArgument);
  for (const userId of ["nobody", "nul\0"]) {
    expect(await codeOf(profile.as("ada").blockUser({ userId }))).toBe(Code.NotFound);
    expect(await codeOf(profile.as("ada").unblockUser({ userId }))).toBeUndefined();
  }
});

test("tells who blocked whom to chat alone", async () => {
  const { clients } = profile.process.host("profile");
  const request = { userId: "eve", amongIds: ["ada"] };
  const asked = clients.of(ProfileInternalService).listBlockers(request, await clients.asService("profile"));
  expect(await codeOf(asked)).toBe(Code.PermissionDenied);
});
