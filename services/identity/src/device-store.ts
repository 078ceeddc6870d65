import type { Db } from "@lyceum/database";
import { and, desc, eq, gt, lt, notInArray } from "drizzle-orm";
import { devices, users } from "./schema.ts";

/** More devices of one person than this are forgotten, those not seen longest first. */
const maxDevices = 50;

/** True if a device of this hash belongs to the account with this address and was seen since. */
export async function findDevice(db: Db, hash: string, emailKey: string, seenSince: Date): Promise<boolean> {
  const rows = await db
    .select({ hash: devices.hash })
    .from(devices)
    .innerJoin(users, eq(users.id, devices.userId))
    .where(and(eq(devices.hash, hash), eq(users.emailKey, emailKey), gt(devices.lastSeenTime, seenSince)));
  return rows.length > 0;
}

/** Notes that a person's device was seen; false if it is none of theirs. */
export async function touchDevice(db: Db, hash: string, userId: string, now: Date): Promise<boolean> {
  const rows = await db
    .update(devices)
    .set({ lastSeenTime: now })
    .where(and(eq(devices.hash, hash), eq(devices.userId, userId)))
    .returning({ hash: devices.hash });
  return rows.length > 0;
}

/** Adds a device, and forgets the person's oldest where they have too many. */
export async function insertDevice(db: Db, device: typeof devices.$inferInsert): Promise<void> {
  const kept = db
    .select({ hash: devices.hash })
    .from(devices)
    .where(eq(devices.userId, device.userId))
    .orderBy(desc(devices.lastSeenTime))
    .limit(maxDevices);
  await Promise.all([
    db.insert(devices).values(device),
    db.delete(devices).where(and(eq(devices.userId, device.userId), notInArray(devices.hash, kept))),
  ]);
}

/** Forgets the devices of a person on which nobody is to be taken for them any more. */
export async function deleteDevices(db: Db, userId: string): Promise<void> {
  await db.delete(devices).where(eq(devices.userId, userId));
}

/** Forgets devices that nobody has signed in on for long. */
export async function deleteOldDevices(db: Db, seenBefore: Date): Promise<void> {
  await db.delete(devices).where(lt(devices.lastSeenTime, seenBefore));
}
