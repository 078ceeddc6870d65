import { join } from "node:path";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import { ProfileInternalService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_internal_service_pb.ts";
import { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { defineService } from "@lyceum/service";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { httpRoutes } from "./http/routes.ts";
import { createProfileJob } from "./jobs/create-profile.ts";
import { renewWordsJob, renewWordsKind } from "./jobs/renew-words.ts";
import { onUserRegistered } from "./on/user-registered.ts";
import { batchGetProfiles } from "./rpc/batch-get-profiles.ts";
import { blockUser } from "./rpc/block-user.ts";
import { getProfile } from "./rpc/get-profile.ts";
import { listBlocked } from "./rpc/list-blocked.ts";
import { listBlockers } from "./rpc/list-blockers.ts";
import { listPresenceAudiences } from "./rpc/list-presence-audiences.ts";
import { searchProfiles } from "./rpc/search-profiles.ts";
import { unblockUser } from "./rpc/unblock-user.ts";
import { updateProfile } from "./rpc/update-profile.ts";

/** How people appear to each other. */
export const profileService = defineService({
  name: "profile",
  rpcs: [ProfileService, ProfileInternalService],
  publishes: [profileUpdated],
  migrations: join(import.meta.dirname, "migrations"),
  config,
  async open({ database, events, clients, jobs }) {
    const ctx: Context = { database, events, clients };
    await database.transaction((tx) =>
      jobs.enqueue(tx, { kind: renewWordsKind, key: "all", payload: {}, lane: renewWordsKind }),
    );
    return {
      routes: (router) =>
        router
          .service(ProfileInternalService, {
            listBlockers: listBlockers(ctx),
            listPresenceAudiences: listPresenceAudiences(ctx),
          })
          .service(ProfileService, {
            getProfile: getProfile(ctx),
            updateProfile: updateProfile(ctx),
            batchGetProfiles: batchGetProfiles(ctx),
            searchProfiles: searchProfiles(ctx),
            blockUser: blockUser(ctx),
            unblockUser: unblockUser(ctx),
            listBlocked: listBlocked(ctx),
          }),
      http: httpRoutes(ctx),
      handlers: [onUserRegistered(jobs)],
      jobs: [createProfileJob(ctx), renewWordsJob(ctx)],
    };
  },
});
