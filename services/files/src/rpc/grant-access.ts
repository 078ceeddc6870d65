import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, MethodImpl } from "@connectrpc/connect";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import type { FileService, GrantAccessRequest } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { invalidField, personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { fileTrashed, personNotFound, roomNotFound, roomsNotKnown, sharingNotAllowed } from "../errors.ts";
import { mayShare, principalOfUser, readPrincipal } from "../file.ts";
import { toGrantMessage } from "../messages.ts";
import { fileMissing, type Reader, readerOf } from "../reader.ts";
import { holdMembership } from "../room-store.ts";
import { giveLink, giveRight } from "../sharing.ts";
import { type FileRow, findReadableFile, lockReadableFile } from "../store.ts";

export const grantAccess =
  (ctx: Context): MethodImpl<typeof FileService.method.grantAccess> =>
  async (req, call) => {
    const { fileId, principal, role } = req;
    const reader = readerOf(ctx, personOf(call).userId);
    const { kind, id } = readPrincipal(principal);
    const expireTime = readExpiry(req, new Date());
    // Who may not share this file learns nothing about who has an account.
    checkShareable(await findReadableFile(ctx.database.db, fileId, reader), principal, reader);
    if (kind === "user") await checkPerson(ctx, id, reader.userId, call);
    if (kind === "room" && !reader.withRooms) throw roomsNotKnown();

    const grant = await ctx.database.transaction(async (tx) => {
      if (kind === "room" && !(await holdMembership(tx, id, reader.userId))) throw roomNotFound();
      const file = checkShareable(await lockReadableFile(tx, fileId, reader), principal, reader);
      return kind === "link" ? giveLink(ctx, tx, file, expireTime) : giveRight(ctx, tx, file, { principal, role });
    });
    return { grant: toGrantMessage(ctx, grant) };
  };

/** Postgres and JavaScript both know this time; later ones only some. */
const latestTime = new Date("9999-12-31T00:00:00Z");

/** When the link that is asked for ends; null for never. Throws for what only people and rooms, or only links, may have. */
function readExpiry({ principal, role, expireTime }: GrantAccessRequest, now: Date): Date | null {
  const isLink = readPrincipal(principal).kind === "link";
  if (isLink && role !== GrantRole.READER) throw invalidField("role", "is GRANT_ROLE_READER for a link");
  if (!expireTime) return null;
  if (!isLink) throw invalidField("expire_time", "is for links");
  const time = timestampDate(expireTime);
  if (!(time > now && time < latestTime)) throw invalidField("expire_time", "must be in the future");
  return time;
}

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
