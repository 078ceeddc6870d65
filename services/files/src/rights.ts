import type { Db } from "@lyceum/database";
import type { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { and, eq, exists, isNull, or, type SQL, sql } from "drizzle-orm";
import { principalOfRoom, principalOfUser } from "./file.ts";
import type { Reader } from "./reader.ts";
import { files, grants, roomMembers } from "./schema.ts";

/** A file is readable by its owner and, outside the trash, by whoever holds a grant. */
export function readableBy(db: Db, reader: Reader): SQL | undefined {
  const granted = db.select({ id: grants.id }).from(grants).where(grantsHeld(reader));
  return or(ownedBy(reader.userId), and(isNull(files.trashTime), exists(granted)));
}

/** Whether this person owns the file. */
export const ownedBy = (userId: string) => sql<boolean>`${files.ownerId} = ${userId}`;

/** The highest role that a reader holds on the file; null for none. */
export function highestRole(db: Db, reader: Reader): SQL<GrantRole | null> {
  const highest = db
    .select({ role: sql`max(${grants.role})` })
    .from(grants)
    .where(grantsHeld(reader));
  return sql<GrantRole | null>`(${highest})`;
}

/** Whether a grant is one of the reader's: given to them, or to a room they belong to. */
export function heldBy({ userId, withRooms }: Reader): SQL {
  // An array is made once a query; a list of rooms inside the condition would keep it from its index.
  const rooms = sql`select ${principalOfRoom("")} || ${roomMembers.roomId} from ${roomMembers}
    where ${roomMembers.userId} = ${userId} and ${roomMembers.active}`;
  const own = principalOfUser(userId);
  return withRooms
    ? sql`${grants.principal} = any(array(select ${own}::text union all ${rooms}))`
    : sql`${grants.principal} = ${own}`;
}

const grantsHeld = (reader: Reader) => and(eq(grants.fileId, files.id), heldBy(reader));

/**
 * Whether every member of a room may read the file: it is granted to the room, or, in one of at most `maxMembers`, each may by
 * a right of their own. Nothing is readable in a room that has no members.
 */
export function readableByRoom(roomId: string, maxMembers: number): SQL {
  const members = sql`select ${roomMembers.userId} as user_id from ${roomMembers}
    where ${roomMembers.roomId} = ${roomId} and ${roomMembers.active}`;
  const grantedToRoom = sql`exists (select from ${grants}
    where ${grants.fileId} = ${files.id} and ${grants.principal} = ${principalOfRoom(roomId)})`;
  const heldByMember = sql`exists (select from ${grants} where ${grants.fileId} = ${files.id} and (
    ${grants.principal} = ${principalOfUser("")} || member.user_id
    or ${grants.principal} in (select ${principalOfRoom("")} || other.room_id from ${roomMembers} other
      where other.user_id = member.user_id and other.active)))`;
  return sql`${files.trashTime} is null and exists (${members}) and (${grantedToRoom} or (
    (select count(*) from (${members} limit ${maxMembers + 1}) counted) <= ${maxMembers}
    and not exists (select from (${members}) member
      where member.user_id <> ${files.ownerId} and not ${heldByMember})))`;
}
