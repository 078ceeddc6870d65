import type { Db } from "@lyceum/database";
import { and, eq, inArray, lt, sql } from "drizzle-orm";
import { guessCounts } from "../schema.ts";
import { countFailure, type GuessCount, type GuessRule } from "./guess-rule.ts";

/** The counts kept under these keys. */
export async function findGuessCounts(db: Db, keys: readonly string[]): Promise<ReadonlyMap<string, GuessCount>> {
  const rows = await db
    .select()
    .from(guessCounts)
    .where(inArray(guessCounts.key, [...keys]));
  return new Map(rows.map(({ key, ...count }) => [key, count]));
}

/** Puts `next` in place of `known`; false if the count has changed since it was read. */
export async function replaceGuessCount(
  db: Db,
  key: string,
  known: GuessCount | undefined,
  next: GuessCount,
): Promise<boolean> {
  const rows = await db
    .insert(guessCounts)
    .values({ key, ...next })
    .onConflictDoUpdate({
      target: guessCounts.key,
      set: { failures: next.failures, lastTime: next.lastTime },
      ...(known
        ? { setWhere: and(eq(guessCounts.failures, known.failures), eq(guessCounts.lastTime, known.lastTime)) }
        : { setWhere: sql`false` }),
    })
    .returning({ key: guessCounts.key });
  return rows.length > 0;
}

/** Gives a guess back that was no failure: as if it had not been made, unless others were made since. */
export async function giveGuessBack(
  db: Db,
  key: string,
  counted: GuessCount,
  before: GuessCount | undefined,
): Promise<void> {
  const isLatest = and(
    eq(guessCounts.key, key),
    eq(guessCounts.failures, counted.failures),
    eq(guessCounts.lastTime, counted.lastTime),
  );
  const restored = before
    ? await db.update(guessCounts).set(before).where(isLatest).returning({ key: guessCounts.key })
    : await db.delete(guessCounts).where(isLatest).returning({ key: guessCounts.key });
  if (restored.length > 0) return;
  await db
    .update(guessCounts)
    .set({ failures: sql`greatest(0, ${guessCounts.failures} - 1)` })
    .where(eq(guessCounts.key, key));
}

/** Adds a failure, whatever others add at the same time. */
export async function addFailure(db: Db, key: string, rule: GuessRule, now: Date): Promise<void> {
  for (;;) {
    const known = (await findGuessCounts(db, [key])).get(key);
    if (await replaceGuessCount(db, key, known, countFailure(known, rule, now))) return;
  }
}

/** Forgets what has faded. */
export async function deleteOldGuessCounts(db: Db, before: Date): Promise<void> {
  await db.delete(guessCounts).where(lt(guessCounts.lastTime, before));
}
