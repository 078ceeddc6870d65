import { type Db, storable } from "@lyceum/database";
import { MemberRole, RoomKind } from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
import type { TimePosition } from "@lyceum/service";
import { and, asc, count, eq, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { type MemberRow, members, type RoomRow, rooms } from "./schema.ts";

/** A room as one of its members sees it. */
export type RoomOfMember = { readonly room: RoomRow; readonly member: MemberRow };

const isLive = isNull(rooms.deleteTime);
const isMember = eq(members.removed, false);

/** The room, if this person belongs to it. */
export async function findRoom(db: Db, roomId: string, userId: string): Promise<RoomOfMember | undefined> {
  const [row] = await db
    .select({ room: rooms, member: members })
    .from(rooms)
    .innerJoin(members, and(eq(members.roomId, rooms.id), eq(members.userId, userId), isMember))
    .where(and(eq(rooms.id, storable(roomId)), isLive));
  return row;
}

/** As `findRoom`, with the room's row locked and the membership read after the lock was had. */
export async function lockRoom(tx: Db, roomId: string, userId: string): Promise<RoomOfMember | undefined> {
  // Nobody waits in line for a room they do not belong to.
  if (!(await findRoom(tx, roomId, userId))) return undefined;
  await tx.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, roomId)).for("update");
  return findRoom(tx, roomId, userId);
}

/** The room for work that no member does, its row locked. */
export async function lockRoomForService(tx: Db, roomId: string): Promise<RoomRow | undefined> {
  const [row] = await tx
    .select()
    .from(rooms)
    .where(and(eq(rooms.id, storable(roomId)), isLive))
    .for("update");
  return row;
}

/** The room between these two people; `pair` as `readNewRoom` makes it. */
export async function findDirectRoom(db: Db, pair: string, userId: string): Promise<RoomOfMember | undefined> {
  const [room] = await db
    .select({ id: rooms.id })
    .from(rooms)
    .where(and(eq(rooms.pair, pair), isLive));
  return room && findRoom(db, room.id, userId);
}

/** Adds a room; undefined if the two people of a direct one have a room already. */
export async function insertRoom(tx: Db, room: typeof rooms.$inferInsert): Promise<RoomRow | undefined> {
  const [row] = await tx.insert(rooms).values(room).onConflictDoNothing().returning();
  return row;
}

/** Writes what changed in a locked room. */
export async function updateRoomRow(tx: Db, roomId: string, fields: Partial<RoomRow>): Promise<RoomRow> {
  const [row] = await tx.update(rooms).set(fields).where(eq(rooms.id, roomId)).returning();
  if (!row) throw new Error("A locked room cannot disappear.");
  return row;
}

/** A page of a person's rooms, the one with the latest message first. */
export function listRooms(
  db: Db,
  userId: string,
  page: { readonly after: TimePosition | undefined; readonly limit: number },
): Promise<RoomOfMember[]> {
  return db
    .select({ room: rooms, member: members })
    .from(members)
    .innerJoin(rooms, and(eq(rooms.id, members.roomId), isLive))
    .where(and(eq(members.userId, userId), isMember, page.after && isAfter(page.after)))
    .orderBy(sql`${rooms.lastMessageTime} desc, ${rooms.id} desc`)
    .limit(page.limit);
}

// Postgres keeps microseconds, a page token milliseconds.
const shownTime = sql`date_trunc('milliseconds', ${rooms.lastMessageTime})`;

function isAfter({ time, id }: TimePosition): SQL {
  return sql`(${shownTime}, ${rooms.id}) < (${time.toISOString()}::timestamptz, ${storable(id)})`;
}

/** Whoever is not the caller, in each of these direct rooms. */
export async function listPeers(
  db: Db,
  roomIds: readonly string[],
  userId: string,
): Promise<ReadonlyMap<string, string>> {
  if (roomIds.length === 0) return new Map();
  const rows = await db
    .select({ roomId: members.roomId, userId: members.userId })
    .from(members)
    .where(and(inArray(members.roomId, [...roomIds]), sql`${members.userId} <> ${userId}`, isMember));
  return new Map(rows.map((row) => [row.roomId, row.userId]));
}

/** Where a page of members ends. */
export type MemberPosition = { readonly joinChange: number };

/** Those who belong to a room, in the order they came. */
export function listMembers(
  db: Db,
  roomId: string,
  page: {
    readonly after?: MemberPosition | undefined;
    readonly limit?: number;
    readonly userIds?: readonly string[];
  } = {},
): Promise<MemberRow[]> {
  const after = page.after && sql`${members.joinChange} > ${page.after.joinChange}`;
  const named = page.userIds && inArray(members.userId, page.userIds.map(storable));
  const query = db
    .select()
    .from(members)
    .where(and(eq(members.roomId, storable(roomId)), isMember, after, named))
    .orderBy(asc(members.joinChange));
  return page.limit === undefined ? query : query.limit(page.limit);
}

/** How many owners a room has. */
export async function countOwners(tx: Db, roomId: string): Promise<number> {
  const [row] = await tx
    .select({ owners: count() })
    .from(members)
    .where(and(eq(members.roomId, roomId), isMember, eq(members.role, MemberRole.OWNER)));
  return row?.owners ?? 0;
}

/** How people are in a room from now on. */
export type MemberChange = Pick<MemberRow, "userId" | "role" | "removed" | "change">;

/** Writes how people are in a locked room from now on; files is yet to hear of it. */
export async function putMembers(tx: Db, roomId: string, list: readonly MemberChange[], now: Date): Promise<void> {
  if (list.length === 0) return;
  await tx.execute(sql`
    insert into members (room_id, user_id, role, join_time, join_change, removed, change, change_time, applied)
    select ${roomId}, m."userId", m.role, ${now.toISOString()}::timestamptz, m.change, m.removed, m.change,
      ${now.toISOString()}::timestamptz, false
    from jsonb_to_recordset(${JSON.stringify(list)}::jsonb)
      as m("userId" text, role smallint, removed boolean, change bigint)
    on conflict (room_id, user_id) do update set
      role = excluded.role, removed = excluded.removed, change = excluded.change, change_time = excluded.change_time,
      xid = pg_current_xact_id()::text::bigint, applied = false,
      join_time = case when members.removed then excluded.join_time else members.join_time end,
      join_change = case when members.removed then excluded.join_change else members.join_change end`);
}

/** Marks all who belong to a locked room as gone with it. */
export async function removeAllMembers(tx: Db, roomId: string, change: number, now: Date): Promise<void> {
  await tx
    .update(members)
    .set({ removed: true, change, changeTime: now, xid: sql`pg_current_xact_id()::text::bigint`, applied: false })
    .where(and(eq(members.roomId, roomId), isMember));
}

/** Up to where a person has read, whether that moved, and how many belong to the room. */
export type ReadMark = { readonly seq: number; readonly moved: boolean; readonly memberCount: number };

/** Moves up to where a person has read; undefined where they do not belong to the room. */
export async function raiseReadSeq(db: Db, roomId: string, userId: string, seq: bigint): Promise<ReadMark | undefined> {
  const [row] = await db.execute<ReadMark>(sql`
    with target as (
      select m.room_id, m.user_id, m.read_seq, least(${seq.toString()}::bigint, r.last_seq) as seq, r.member_count
      from members m join rooms r on r.id = m.room_id
      where m.room_id = ${storable(roomId)} and m.user_id = ${userId} and not m.removed and r.delete_time is null
      for update of m
    ), moved as (
      update members set read_seq = target.seq from target
      where members.room_id = target.room_id and members.user_id = target.user_id and target.seq > target.read_seq
      returning 1
    )
    select greatest(read_seq, seq)::float8 as seq, exists (select 1 from moved) as moved, member_count as "memberCount"
    from target`);
  return row;
}

/** People whose membership files has not heard of yet, and the number of the room's deletion if it is gone. */
export async function listNotApplied(
  db: Db,
  roomId: string,
): Promise<{ people: Pick<MemberRow, "userId" | "removed" | "change">[]; deletion: number | undefined }> {
  const rows = await db
    .select({ userId: members.userId, removed: members.removed, change: members.change, room: rooms })
    .from(members)
    .innerJoin(rooms, eq(rooms.id, members.roomId))
    .where(and(eq(members.roomId, roomId), eq(members.applied, false)))
    .orderBy(asc(members.change));
  const room = rows[0]?.room;
  return { people: rows, deletion: room?.deleteTime ? room.lastChange : undefined };
}

/** Notes that files has heard of these people, unless something newer happened meanwhile. */
export async function markApplied(
  db: Db,
  roomId: string,
  people: readonly Pick<MemberRow, "userId" | "change">[],
): Promise<void> {
  if (people.length === 0) return;
  const isOne = people.map(({ userId, change }) => and(eq(members.userId, userId), eq(members.change, change)));
  await db
    .update(members)
    .set({ applied: true })
    .where(and(eq(members.roomId, roomId), or(...isOne)));
}

/** In rooms beyond this, people are not told who is there and who has read. */
const maxCompany = 200;

/** True if what each member does may be told to all others. */
export function isSmall({ memberCount }: Pick<RoomRow, "memberCount">): boolean {
  return memberCount <= maxCompany;
}

/** A person's rooms in which so few belong that they are told who is there, or of these only the direct ones. */
export async function listSmallRooms(db: Db, userId: string, only?: "direct"): Promise<string[]> {
  const rows = await db
    .select({ id: rooms.id })
    .from(members)
    .innerJoin(rooms, and(eq(rooms.id, members.roomId), isLive))
    .where(
      and(
        eq(members.userId, userId),
        isMember,
        lte(rooms.memberCount, maxCompany),
        only && eq(rooms.kind, RoomKind.DIRECT),
      ),
    );
  return rows.map(({ id }) => id);
}

/** Those of these people who belong to one of these rooms. */
export async function listCompany(db: Db, roomIds: readonly string[], userIds: readonly string[]): Promise<string[]> {
  if (roomIds.length === 0) return [];
  const rows = await db
    .selectDistinct({ userId: members.userId })
    .from(members)
    .where(and(inArray(members.roomId, [...roomIds]), inArray(members.userId, [...userIds]), isMember));
  return rows.map(({ userId }) => userId);
}
