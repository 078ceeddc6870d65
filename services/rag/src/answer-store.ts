import { type Db, storable, type Transaction } from "@lyceum/database";
import { FinishReason, type Rating } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { TimePosition } from "@lyceum/service";
import { and, asc, eq, getTableColumns, inArray, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { type AnswerPart, withoutCitations } from "./answering/answer.ts";
import type { Measures } from "./clock.ts";
import { answers, citations, feedback } from "./schema.ts";

export type AnswerRow = typeof answers.$inferSelect;
export type CitationRow = typeof citations.$inferSelect;
/** An answer with its citations in order, and what its asker thinks of it. */
export type StoredAnswer = AnswerRow & { readonly citations: CitationRow[]; readonly rating: Rating | null };

/** How long a process may be silent before what it writes counts as abandoned. */
export const leaseMs = 12_000;

const leaseEnd = () => sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`;

/** Begins an answer, under a lease. One with the same id that has not ended begins anew; false if it has ended. */
export async function insertAnswer(
  tx: Transaction,
  row: Omit<typeof answers.$inferInsert, "parts" | "finishReason" | "leaseEnd"> & { lease: string },
): Promise<boolean> {
  const fresh = {
    ...row,
    question: storable(row.question),
    parts: [],
    finishReason: FinishReason.UNSPECIFIED,
    leaseEnd: leaseEnd(),
    stopping: false,
  };
  const { passages, lease } = row;
  const [begun] = await tx
    .insert(answers)
    .values(fresh)
    .onConflictDoUpdate({
      target: answers.id,
      set: { parts: [], lease, leaseEnd: leaseEnd(), ...(passages && { passages }) },
      setWhere: and(eq(answers.finishReason, FinishReason.UNSPECIFIED), eq(answers.ownerId, row.ownerId)),
    })
    .returning({ isNew: sql<boolean>`xmax = 0` });
  if (begun && !begun.isNew) await tx.delete(citations).where(eq(citations.answerId, row.id));
  return begun !== undefined;
}

/**
 * Stores what was said since the last time and keeps the lease. Undefined if the lease is no longer held; `stopping` once
 * someone wants the answer to end.
 */
export async function growAnswer(
  tx: Transaction,
  { id, lease }: Pick<AnswerRow, "id"> & { lease: string },
  parts: readonly AnswerPart[],
  added: readonly CitationRow[],
): Promise<{ stopping: boolean } | undefined> {
  const [row] = await tx
    .update(answers)
    .set({ parts: storableParts(parts), leaseEnd: leaseEnd() })
    .where(isHeld(id, lease))
    .returning({ stopping: answers.stopping });
  if (row && added.length > 0) await tx.insert(citations).values([...added]);
  return row;
}

/** Keeps the leases of answers that grow slowly; answers those that are held still, and whether they are to end. */
export async function renewLeases(db: Db, leases: readonly string[]): Promise<Map<string, { stopping: boolean }>> {
  const rows = await db
    .update(answers)
    .set({ leaseEnd: leaseEnd() })
    .where(inArray(answers.lease, [...leases]))
    .returning({ lease: answers.lease, stopping: answers.stopping });
  return new Map(rows.map(({ lease, stopping }) => [lease ?? "", { stopping }]));
}

/** Lets go of an answer that is to be begun anew elsewhere. */
export async function releaseAnswer(db: Db, lease: string): Promise<void> {
  await db.update(answers).set({ lease: null, leaseEnd: null }).where(eq(answers.lease, lease));
}

/** Ends an answer that is held by `lease`, or that nobody holds any more if that is undefined; undefined if it is not so. */
export async function finishAnswer(
  tx: Transaction,
  id: string,
  lease: string | undefined,
  finishReason: FinishReason,
  measures?: Measures,
): Promise<AnswerRow | undefined> {
  const [row] = await tx
    .update(answers)
    .set({
      finishReason,
      lease: null,
      leaseEnd: null,
      version: sql`${answers.version} + 1`,
      ...(measures && { measures }),
    })
    .where(lease === undefined ? and(eq(answers.id, id), isAbandoned()) : isHeld(id, lease))
    .returning();
  return row;
}

/** Answers that have not ended, and that nobody writes any more. */
export async function listAbandoned(db: Db): Promise<{ id: string; stopping: boolean }[]> {
  return db.select({ id: answers.id, stopping: answers.stopping }).from(answers).where(isAbandoned());
}

/** Notes that one of this person's answers is to end. */
export async function requestStop(db: Db, id: string, ownerId: string): Promise<void> {
  await db
    .update(answers)
    .set({ stopping: true })
    .where(
      and(
        eq(answers.id, storable(id)),
        eq(answers.ownerId, ownerId),
        eq(answers.finishReason, FinishReason.UNSPECIFIED),
      ),
    );
}

/** One of this person's answers. */
export async function findAnswer(db: Db, id: string, ownerId: string): Promise<StoredAnswer | undefined> {
  const [answer] = await readAnswers(db, and(eq(answers.id, storable(id)), eq(answers.ownerId, ownerId)), 1);
  return answer;
}

/** The answers of a conversation after a position, the last asked first. */
export function listAnswers(
  db: Db,
  conversationId: string,
  { after, limit }: { after?: TimePosition | undefined; limit: number },
): Promise<StoredAnswer[]> {
  const earlier =
    after &&
    sql`(${answers.createTime}, ${answers.id}) < (${after.time.toISOString()}::timestamptz, ${storable(after.id)})`;
  return readAnswers(db, and(eq(answers.conversationId, conversationId), earlier), limit);
}

async function readAnswers(db: Db, where: SQL | undefined, limit: number): Promise<StoredAnswer[]> {
  const rows = await db
    .select({ ...getTableColumns(answers), rating: feedback.rating })
    .from(answers)
    .leftJoin(feedback, eq(feedback.answerId, answers.id))
    .where(where)
    .orderBy(sql`${answers.createTime} desc, ${answers.id} desc`)
    .limit(limit);
  if (rows.length === 0) return [];
  const cited = await db
    .select()
    .from(citations)
    .where(
      inArray(
        citations.answerId,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(asc(citations.number));
  return rows.map((row) => ({ ...row, citations: cited.filter(({ answerId }) => answerId === row.id) }));
}

/** Notes what its asker thinks of an answer; false if there is no such answer of theirs. */
export async function putFeedback(
  tx: Transaction,
  ownerId: string,
  row: typeof feedback.$inferInsert,
): Promise<boolean> {
  const [own] = await tx
    .select({ id: answers.id })
    .from(answers)
    .where(and(eq(answers.id, storable(row.answerId)), eq(answers.ownerId, ownerId)))
    .for("key share");
  if (!own) return false;
  const said = { rating: row.rating, comment: storable(row.comment), time: row.time };
  await tx
    .insert(feedback)
    .values({ answerId: own.id, ...said })
    .onConflictDoUpdate({ target: feedback.answerId, set: said });
  return true;
}

/**
 * Leaves of a file that is gone only that it was cited: no passage, place or hash of a quote, nor a sentence that rests on it
 * alone. What is being written from it loses its writer.
 */
export async function eraseFileFromAnswers(tx: Transaction, fileId: string): Promise<void> {
  const isDrawnFrom = sql`${answers.passages} @> ${JSON.stringify([{ fileId }])}::jsonb`;
  await tx
    .update(answers)
    .set({ parts: [], lease: null, leaseEnd: null })
    .where(and(eq(answers.finishReason, FinishReason.UNSPECIFIED), isDrawnFrom));
  const erased = { passageId: "", charStart: 0, charEnd: 0, quoteHash: "" };
  const cited = await tx.update(citations).set(erased).where(eq(citations.fileId, fileId)).returning();
  for (const id of new Set(cited.map(({ answerId }) => answerId))) {
    const gone = new Set(cited.filter(({ answerId }) => answerId === id).map(({ number }) => number));
    const [row] = await tx.select({ parts: answers.parts }).from(answers).where(eq(answers.id, id)).for("update");
    if (row)
      await tx
        .update(answers)
        .set({ parts: withoutCitations(row.parts, gone) })
        .where(eq(answers.id, id));
  }
}

const isHeld = (id: string, lease: string) => and(eq(answers.id, id), eq(answers.lease, lease));

/** The answer to a room is begun anew by its job, unless it is to end. */
const isAbandoned = () =>
  and(
    eq(answers.finishReason, FinishReason.UNSPECIFIED),
    or(isNull(answers.leaseEnd), lt(answers.leaseEnd, sql`now()`)),
    or(isNotNull(answers.conversationId), answers.stopping),
  );

/** Postgres keeps no NUL and no half of a surrogate pair, which a model may well send. */
function storableParts(parts: readonly AnswerPart[]): AnswerPart[] {
  return parts.map((part) => ("say" in part ? { ...part, say: storable(part.say).toWellFormed() } : part));
}
