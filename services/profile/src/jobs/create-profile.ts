import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";

export const createProfileKind = "create-profile";

/** Makes the profile of a new person, unless a request has done so. Given up, it is left to the first request. */
export const createProfileJob = (ctx: Context): JobKind<{ userId: string }> => ({
  kind: createProfileKind,
  concurrency: 4,
  maxAttempts: 100,
  run: async ({ payload, signal }) => {
    await ensureProfiles(ctx, [payload.userId], { signal });
  },
});
