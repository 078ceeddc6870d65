import { type Db, storable, type Transaction } from "@lyceum/database";
import type { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { and, asc, eq, lt, sql } from "drizzle-orm";
import type { AnswerPart } from "./answering/answer.ts";
import { answers, citations, conversations } from "./schema.ts";

export type AnswerRow = typeof answers.$inferSelect;
export type CitationRow = typeof citations.$inferSelect;

/** One of this person's conversations. */
export async function hasConversation(db: Db, id: string, ownerId: string): Promise<boolean> {
  const rows = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(and(eq(conversations.id, storable(id)), eq(conversations.ownerId, ownerId)));
  return rows.length > 0;
}

export async function insertConversation(tx: Transaction, row: typeof conversations.$inferInsert): Promise<void> {
  await tx.insert(conversations).values({ ...row, title: storable(row.title) });
}

export async function insertAnswer(tx: Transaction, row: typeof answers.$inferInsert): Promise<void> {
  await tx.insert(answers).values({ ...row, question: storable(row.question) });
}

/** Adds what was just said, with its citation, to an answer that grows. */
export async function growAnswer(
  tx: Transaction,
  answerId: string,
  parts: readonly AnswerPart[],
  citation?: CitationRow,
): Promise<void> {
  await tx
    .update(answers)
    .set({ parts: [...parts] })
    .where(eq(answers.id, answerId));
  if (citation) await tx.insert(citations).values(citation);
}

/** Ends an answer; undefined if it had ended before. */
export async function finishAnswer(
  tx: Transaction,
  answerId: string,
  finishReason: FinishReason,
): Promise<AnswerRow | undefined> {
  const [row] = await tx
    .update(answers)
    .set({ finishReason, version: sql`${answers.version} + 1` })
    .where(and(eq(answers.id, answerId), eq(answers.finishReason, 0)))
    .returning();
  return row;
}

/** Leaves of a file that is gone only that it was cited: no passage, place or hash of a quote. */
export async function eraseFileFromAnswers(tx: Transaction, fileId: string): Promise<void> {
  const erased = { passageId: "", charStart: 0, charEnd: 0, quoteHash: "" };
  await tx.update(citations).set(erased).where(eq(citations.fileId, fileId));
}

/** One of this person's answers, with its citations in order. */
export async function findAnswer(
  db: Db,
  id: string,
  ownerId: string,
): Promise<(AnswerRow & { citations: CitationRow[] }) | undefined> {
  const [row] = await db
    .select()
    .from(answers)
    .where(and(eq(answers.id, storable(id)), eq(answers.ownerId, ownerId)));
  if (!row) return undefined;
  const cited = await db.select().from(citations).where(eq(citations.answerId, id)).orderBy(asc(citations.number));
  return { ...row, citations: cited };
}

/** Answers begun before a time that have not ended. */
export async function listUnfinished(db: Db, before: Date): Promise<string[]> {
  const rows = await db
    .select({ id: answers.id })
    .from(answers)
    .where(and(eq(answers.finishReason, 0), lt(answers.createTime, before)));
  return rows.map(({ id }) => id);
}
