import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { invalidField, newId, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { fileNotFound, fileTrashed, personNotFound, sharingNotAllowed } from "../errors.ts";
import { mayShare, userIdOf } from "../file.ts";
import { toGrantMessage } from "../messages.ts";
import { type FileRow, findGrant, findReadableFile, lockReadableFile, putGrant, raiseVersion } from "../store.ts";

export const grantAccess =
  (ctx: Context): MethodImpl<typeof FileService.method.grantAccess> =>
  async ({ fileId, principal, role }, call) => {
    const { userId } = personOf(call);
    // Who may not share this file learns nothing about who has an account.
    checkShareable(await findReadableFile(ctx.database.db, fileId, userId), principal, userId);
    await checkPerson(ctx, userIdOf(principal), userId, call);

    const grant = await ctx.database.transaction(async (tx) => {
      const file = checkShareable(await lockReadableFile(tx, fileId, userId), principal, userId);
      const held = await findGrant(tx, file.id, principal);
      if (held?.role === role) return held;
      const given = await putGrant(tx, { id: newId(), fileId: file.id, principal, role, createTime: new Date() });
      await ctx.events.append(
        tx,
        accessGranted({
          fileId: file.id,
          ownerId: file.ownerId,
          grantId: given.id,
          principal,
          role: role === GrantRole.EDITOR ? "EDITOR" : "READER",
          version: await raiseVersion(tx, file.id),
        }),
      );
      return given;
    });
    return { grant: toGrantMessage(grant) };
  };

/** No account's id is longer, and identity refuses to look for one. */
const maxIdLength = 64;

type ReadableFile = Awaited<ReturnType<typeof findReadableFile>>;

function checkShareable(file: ReadableFile, principal: string, userId: string): FileRow {
  if (!file) throw fileNotFound();
  if (!mayShare(file.right)) throw sharingNotAllowed();
  if (userIdOf(principal) === userId) throw invalidField("principal", "is yourself");
  if (userIdOf(principal) === file.ownerId) throw invalidField("principal", "is the owner of the file");
  if (file.trashTime) throw fileTrashed();
  return file;
}

async function checkPerson(ctx: Context, personId: string, onBehalfOf: string, call: HandlerContext): Promise<void> {
  if (personId.length > maxIdLength) throw personNotFound();
  const options = await ctx.clients.asService("identity", { signal: call.signal, onBehalfOf, timeoutMs: 5_000 });
  const { users } = await ctx.clients.of(IdentityInternalService).batchGetUsers({ userIds: [personId] }, options);
  if (!users.some(({ id }) => id === personId)) throw personNotFound();
}
