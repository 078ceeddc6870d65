import type { MethodImpl } from "@connectrpc/connect";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { fileNotFound, grantNotFound, sharingNotAllowed } from "../errors.ts";
import { mayShare } from "../file.ts";
import { deleteGrant, lockReadableFile, raiseVersion } from "../store.ts";

export const revokeAccess =
  (ctx: Context): MethodImpl<typeof FileService.method.revokeAccess> =>
  async ({ fileId, grantId }, call) => {
    const { userId } = personOf(call);
    await ctx.database.transaction(async (tx) => {
      const file = await lockReadableFile(tx, fileId, userId);
      if (!file) throw fileNotFound();
      if (!mayShare(file.right)) throw sharingNotAllowed();
      const revoked = await deleteGrant(tx, file.id, grantId);
      if (!revoked) throw grantNotFound();
      const { id, principal } = revoked;
      const version = await raiseVersion(tx, file.id);
      await ctx.events.append(
        tx,
        accessRevoked({ fileId: file.id, ownerId: file.ownerId, grantId: id, principal, version }),
      );
    });
    return {};
  };
