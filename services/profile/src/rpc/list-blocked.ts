import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { personOf, readTimePage } from "@lyceum/service";
import { listBlocked as listBlockedRows } from "../block-store.ts";
import type { Context } from "../context.ts";
import { toProfileMessage } from "../profile-message.ts";
import type { ProfileRow } from "../store.ts";

export const listBlocked =
  (ctx: Context): MethodImpl<typeof ProfileService.method.listBlocked> =>
  async (req, call) => {
    const { userId } = personOf(call);
    const { rows, nextPageToken } = await readTimePage(
      req,
      ({ profile, time }: { profile: ProfileRow; time: Date }) => ({ time, id: profile.userId }),
      (page) => listBlockedRows(ctx.database.db, userId, page),
    );
    return { profiles: rows.map(({ profile }) => toProfileMessage(profile, userId)), nextPageToken };
  };
