import type { ReadModel } from "@lyceum/service";
import { sql } from "drizzle-orm";

/** Who belongs to which room, as chat says it. */
export const readModel: ReadModel = {
  tables: ["rooms", "room_members"],
  /** Chat tells of a change by a call before its event comes: whatever is newer here stays, so that nobody gets in again. */
  async carryOver(tx) {
    await tx.execute(sql`
      insert into rooms select * from public.rooms
      on conflict (id) do update set deleted = rooms.deleted or excluded.deleted`);
    await tx.execute(sql`
      insert into room_members select * from public.room_members
      on conflict (room_id, user_id) do update set active = excluded.active, version = excluded.version
      where excluded.version > room_members.version`);
    await tx.execute(sql`delete from room_members using rooms where rooms.id = room_id and rooms.deleted`);
  },
};
