import { type EventHandler, reaction } from "@lyceum/events";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import type { JobQueue } from "@lyceum/service";
import { createProfileKind } from "../jobs/create-profile.ts";

/** Reaction: a new person gets a profile. The event carries no name, so a job asks identity for it. */
export const onUserRegistered = (jobs: JobQueue): EventHandler =>
  reaction(userRegistered, async ({ data: { userId } }, tx) => {
    await jobs.enqueue(tx, { kind: createProfileKind, key: userId, payload: { userId }, lane: userId });
  });
