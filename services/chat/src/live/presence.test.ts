import { PresenceAudience } from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
import { expect, test } from "vitest";
import type { Audience, Hub } from "./hub.ts";
import { createPresence } from "./presence.ts";

test("who chooses to be seen by nobody while they come is shown to nobody", async () => {
  const { ROOMS, NOBODY } = PresenceAudience;
  const answers: ((audience: PresenceAudience) => void)[] = [];
  const seenBy: string[] = [];
  const hub = {
    listPeople: () => ["mia", "mate"],
    tell: (audience: Audience) => void seenBy.push(...("userIds" in audience ? audience.userIds : [])),
  } as unknown as Hub;
  using presence = createPresence({
    hub,
    signals: () => ({ say() {}, async [Symbol.asyncDispose]() {} }),
    findAudiences: async () => new Map([["mia", await new Promise<PresenceAudience>((ok) => answers.push(ok))]]),
    listSmallRooms: async () => ["room"],
    listCompany: async () => [],
    onError: (error) => expect.unreachable(String(error)),
  });
  const settle = () => new Promise(setImmediate);
  presence.come("mia", () => {});
  await settle();
  presence.resettle("mia");
  answers[1]?.(NOBODY);
  await settle();
  answers[0]?.(ROOMS);
  await settle();
  answers[2]?.(NOBODY);
  await settle();
  expect([answers.length, seenBy]).toEqual([3, []]);
});
