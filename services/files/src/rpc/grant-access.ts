import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { invalidField, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { fileTrashed, personNotFound, roomNotFound, roomsNotKnown, sharingNotAllowed } from "../errors.ts";
import { mayShare, principalOfUser, readPrincipal } from "../file.ts";
import { toGrantMessage } from "../messages.ts";
import { fileMissing, type Reader, readerOf } from "../reader.ts";
import { holdMembership } from "../room-store.ts";
import { giveRight } from "../sharing.ts";
import { type FileRow, findReadableFile, lockReadableFile } from "../store.ts";

export const grantAccess =
  (ctx: Context): MethodImpl<typeof FileService.method.grantAccess> =>
  async ({ fileId, principal, role }, call) => {
    const reader = readerOf(ctx, personOf(call).userId);
    const { kind, id } = readPrincipal(principal);
    // Who may not share this file learns nothing about who has an account.
    checkShareable(await findReadableFile(ctx.database.db, fileId, reader), principal, reader);
    if (kind === "user") await checkPerson(ctx, id, reader.userId, call);
    else if (!reader.withRooms) throw roomsNotKnown();

    const grant = await ctx.database.transaction(async (tx) => {
      if (kind === "room" && !(await holdMembership(tx, id, reader.userId))) throw roomNotFound();
      const file = checkShareable(await lockReadableFile(tx, fileId, reader), principal, reader);
      return giveRight(ctx, tx, file, { principal, role });
    });
    return { grant: toGrantMessage(grant) };
  };

/** No account's id is longer, and identity refuses to look for one. */
const maxIdLength = 64;

type ReadableFile = Awaited<ReturnType<typeof findReadableFile>>;

function checkShareable(file: ReadableFile, principal: string, reader: Reader): FileRow {
  if (!file) throw fileMissing(reader);
  if (!mayShare(file.right)) throw sharingNotAllowed();
  if (principal === principalOfUser(reader.userId)) throw invalidField("principal", "is yourself");
  if (principal === principalOfUser(file.ownerId)) throw invalidField("principal", "is the owner of the file");
  if (file.trashTime) throw fileTrashed();
  return file;
}

async function checkPerson(ctx: Context, personId: string, onBehalfOf: string, call: HandlerContext): Promise<void> {
  if (personId.length > maxIdLength) throw personNotFound();
  const options = await ctx.clients.asService("identity", { signal: call.signal, onBehalfOf, timeoutMs: 5_000 });
  const { users } = await ctx.clients.of(IdentityInternalService).batchGetUsers({ userIds: [personId] }, options);
  if (!users.some(({ id }) => id === personId)) throw personNotFound();
}
