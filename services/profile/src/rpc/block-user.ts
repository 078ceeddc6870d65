import type { MethodImpl } from "@connectrpc/connect";
import type { ProfileService } from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
import { invalidField, personOf } from "@lyceum/service";
import { countBlocks, insertBlock } from "../block-store.ts";
import type { Context } from "../context.ts";
import { ensureProfiles } from "../ensure-profiles.ts";
import { profileNotFound, tooManyBlocked } from "../errors.ts";
import { lockProfile } from "../store.ts";

const maxBlocked = 1_000;

export const blockUser =
  (ctx: Context): MethodImpl<typeof ProfileService.method.blockUser> =>
  async (req, call) => {
    const { userId } = personOf(call);
    if (req.userId === userId) throw invalidField("user_id", "must not be your own");
    const options = { signal: call.signal, onBehalfOf: userId };
    const known = new Set((await ensureProfiles(ctx, [userId, req.userId], options)).map((row) => row.userId));
    if (!known.has(req.userId) || !known.has(userId)) throw profileNotFound();
    await ctx.database.transaction(async (tx) => {
      await lockProfile(tx, userId);
      if ((await countBlocks(tx, userId)) >= maxBlocked) throw tooManyBlocked(maxBlocked);
      await insertBlock(tx, userId, req.userId, new Date());
    });
    return {};
  };
