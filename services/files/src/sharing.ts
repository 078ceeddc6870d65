import type { Transaction } from "@lyceum/database";
import { accessGranted } from "@lyceum/gen/events/lyceum/files/v1/access_granted.ts";
import { accessRevoked } from "@lyceum/gen/events/lyceum/files/v1/access_revoked.ts";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { newId } from "@lyceum/service";
import type { Context } from "./context.ts";
import { principalOfLink } from "./file.ts";
import { deleteGrant, findGrant, type GrantRow, putGrant } from "./grant-store.ts";
import { type FileRow, raiseVersion } from "./store.ts";

/** Gives a principal a right to a locked file, with its event; nothing happens if they hold that very right. */
export async function giveRight(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  file: FileRow,
  { principal, role }: { principal: string; role: GrantRole },
): Promise<GrantRow> {
  const held = await findGrant(tx, file.id, principal);
  if (held?.role === role) return held;
  return put(ctx, tx, file, { id: newId(), principal, role, expireTime: null });
}

/** Makes a link to a locked file, with its event. */
export function giveLink(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  file: FileRow,
  expireTime: Date | null,
): Promise<GrantRow> {
  const id = newId();
  return put(ctx, tx, file, { id, principal: principalOfLink(id), role: GrantRole.READER, expireTime });
}

async function put(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  file: FileRow,
  grant: Pick<GrantRow, "id" | "principal" | "role" | "expireTime">,
): Promise<GrantRow> {
  const given = await putGrant(tx, { ...grant, fileId: file.id, createTime: new Date() });
  const { principal, role } = given;
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
}

/** Takes a right to a locked file back, with its event; answers the grant, if there was one. */
export async function takeRight(
  ctx: Pick<Context, "events">,
  tx: Transaction,
  file: FileRow,
  grantId: string,
): Promise<GrantRow | undefined> {
  const taken = await deleteGrant(tx, file.id, grantId);
  if (!taken) return undefined;
  const { id, principal } = taken;
  const version = await raiseVersion(tx, file.id);
  await ctx.events.append(
    tx,
    accessRevoked({ fileId: file.id, ownerId: file.ownerId, grantId: id, principal, version }),
  );
  return taken;
}
