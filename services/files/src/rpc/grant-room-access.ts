import type { MethodImpl } from "@connectrpc/connect";
import type { Transaction } from "@lyceum/database";
import type { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { fileTrashed, roomNotFound, roomsNotKnown, sharingNotAllowed } from "../errors.ts";
import { mayShare, principalOfRoom } from "../file.ts";
import { findGrant } from "../grant-store.ts";
import { fileMissing, type Reader, readerOf } from "../reader.ts";
import { holdMembership } from "../room-store.ts";
import { giveRight } from "../sharing.ts";
import { listRoomReadableFiles, lockReadableFile } from "../store.ts";

export const grantRoomAccess =
  (ctx: Context): MethodImpl<typeof FileInternalService.method.grantRoomAccess> =>
  async ({ roomId, fileIds }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    if (!reader.withRooms) throw roomsNotKnown();
    await ctx.database.transaction(async (tx) => {
      if (!(await holdMembership(tx, roomId, reader.userId))) throw roomNotFound();
      // In the order of ids, as whoever locks several files.
      for (const fileId of [...new Set(fileIds)].sort()) await letRoomRead(ctx, tx, { fileId, roomId, reader });
    });
    return {};
  };

async function letRoomRead(
  ctx: Context,
  tx: Transaction,
  { fileId, roomId, reader }: { fileId: string; roomId: string; reader: Reader },
): Promise<void> {
  const file = await lockReadableFile(tx, fileId, reader);
  if (!file) throw fileMissing(reader);
  if (file.trashTime) throw fileTrashed();
  const principal = principalOfRoom(roomId);
  if (await findGrant(tx, file.id, principal)) return;
  if (mayShare(file.right)) await giveRight(ctx, tx, file, { principal, role: GrantRole.READER });
  else if ((await listRoomReadableFiles(tx, [file.id], roomId)).length === 0) throw sharingNotAllowed();
}
