import { type Db, storable, type Transaction } from "@lyceum/database";
import { and, eq, exists, inArray, lt, ne, not, type SQL, sql } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import { findEntry } from "./index-store.ts";
import { deletedRooms, embeddingModels, entries, grants, roomMembers, segments, vectors } from "./schema.ts";

/** A file that a search reads: which revision of its segment, and whether it has vectors by the model asked for. */
export type ScopeFile = {
  readonly fileId: string;
  readonly ownerId: string;
  readonly revision: number;
  /** Which writing of that revision's segment is stored. */
  readonly build: number;
  readonly sizeBytes: number;
  readonly vectorBytes: number;
};

/** In larger rooms only what was granted to the room itself counts, as in files. */
const maxMembersCompared = 200;

/** Notes what files said of a grant, unless something later was said already or the file is purged. */
export async function putGrant(
  tx: Transaction,
  grant: { fileId: string; principal: string; active: boolean; version: number },
): Promise<void> {
  const { fileId, active, version } = grant;
  if ((await findEntry(tx, fileId))?.state === "PURGED") return;
  await tx
    .insert(grants)
    .values(grant)
    .onConflictDoUpdate({
      target: [grants.fileId, grants.principal],
      set: { active, version },
      setWhere: lt(grants.version, version),
    });
}

/** Notes what chat said of a member, unless something later was said already or the room is gone. */
export async function putRoomMember(
  tx: Transaction,
  member: { roomId: string; userId: string; active: boolean; version: number },
): Promise<void> {
  const { roomId, active, version } = member;
  const [deleted] = await tx.select().from(deletedRooms).where(eq(deletedRooms.roomId, roomId));
  if (deleted) return;
  await tx
    .insert(roomMembers)
    .values(member)
    .onConflictDoUpdate({
      target: [roomMembers.roomId, roomMembers.userId],
      set: { active, version },
      setWhere: lt(roomMembers.version, version),
    });
}

/** Forgets who belonged to a room, for good. */
export async function deleteRoom(tx: Transaction, roomId: string): Promise<void> {
  await tx.insert(deletedRooms).values({ roomId }).onConflictDoNothing();
  await tx.delete(roomMembers).where(eq(roomMembers.roomId, roomId));
}

/** The files a person may search: their own and those shared with them or their rooms. In a stable order. */
export function listScope(db: Db, userId: string, model: string): Promise<ScopeFile[]> {
  const inRooms = db
    .select({ fileId: grants.fileId })
    .from(roomMembers)
    .innerJoin(grants, eq(grants.principal, sql`'room:' || ${roomMembers.roomId}`))
    .where(and(eq(roomMembers.userId, userId), roomMembers.active, grants.active));
  // Unions, since with `or` Postgres would read every entry there is.
  const readable = union(ownedBy(db, userId), grantedTo(db, `user:${userId}`), inRooms);
  return selectFiles(db, model, inArray(entries.fileId, readable));
}

/**
 * The files that everybody in a room may search: those shared with the room and, up to 200 members, those that each of them
 * may read by a right of their own. `askerId` is one of the members.
 */
export function listRoomScope(
  db: Db,
  { roomId, memberIds, askerId }: { roomId: string; memberIds: readonly string[]; askerId: string },
  model: string,
): Promise<ScopeFile[]> {
  const toRoom = grantedTo(db, `room:${roomId}`);
  if (memberIds.length > maxMembersCompared) return selectFiles(db, model, inArray(entries.fileId, toRoom));
  const asker = union(ownedBy(db, askerId), grantedTo(db, `user:${askerId}`)).as("of_asker");
  const members = sql`unnest(${sql.param([...memberIds])}::text[]) as member (id)`;
  const hasGrant = exists(
    db
      .select({ one: sql`1` })
      .from(grants)
      .where(and(eq(grants.fileId, entries.fileId), eq(grants.principal, sql`'user:' || member.id`), grants.active)),
  );
  // What the asker may read, without what some other member neither owns nor was granted: the first such member decides.
  const lacking = db
    .select({ one: sql`1` })
    .from(members)
    .where(and(ne(entries.ownerId, sql`member.id`), not(hasGrant)));
  const toEach = db
    .select({ fileId: entries.fileId })
    .from(entries)
    .innerJoin(asker, eq(asker.fileId, entries.fileId))
    .where(not(exists(lacking)));
  return selectFiles(db, model, inArray(entries.fileId, union(toRoom, toEach)));
}

/** Of these files, which have been found readable before, those that can be searched. */
export function listGivenFiles(db: Db, fileIds: readonly string[], model: string): Promise<ScopeFile[]> {
  return selectFiles(db, model, inArray(entries.fileId, fileIds.map(storable)));
}

/** The owner's files that have vectors by any model, trashed ones too. */
export async function listFilesWithVectors(db: Db, ownerId: string): Promise<string[]> {
  const rows = await db
    .select({ fileId: entries.fileId })
    .from(entries)
    .where(
      and(
        eq(entries.ownerId, ownerId),
        exists(db.select({ one: sql`1` }).from(vectors).where(eq(vectors.fileId, entries.fileId))),
      ),
    );
  return rows.map(({ fileId }) => fileId);
}

const ownedBy = (db: Db, userId: string) =>
  db.select({ fileId: entries.fileId }).from(entries).where(eq(entries.ownerId, userId));

const grantedTo = (db: Db, principal: string) =>
  db
    .select({ fileId: grants.fileId })
    .from(grants)
    .where(and(eq(grants.principal, principal), grants.active));

/** Vectors count only where all documents have theirs by the model, so that none is put behind for having none yet. */
function selectFiles(db: Db, model: string, readable: SQL) {
  const isServing = exists(
    db
      .select({ one: sql`1` })
      .from(embeddingModels)
      .where(and(eq(embeddingModels.model, model), embeddingModels.serving)),
  );
  return db
    .select({
      fileId: segments.fileId,
      ownerId: entries.ownerId,
      revision: segments.revision,
      build: segments.build,
      sizeBytes: segments.sizeBytes,
      vectorBytes: sql<number>`coalesce(${vectors.sizeBytes}, 0)`,
    })
    .from(entries)
    .innerJoin(segments, eq(segments.fileId, entries.fileId))
    .leftJoin(
      vectors,
      and(
        eq(vectors.fileId, segments.fileId),
        eq(vectors.model, model),
        eq(vectors.revision, segments.revision),
        isServing,
      ),
    )
    .where(and(eq(entries.trashed, false), readable))
    .orderBy(segments.fileId);
}
