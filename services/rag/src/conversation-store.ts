import { type Db, storable, type Transaction } from "@lyceum/database";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { TimePosition } from "@lyceum/service";
import { and, eq, sql } from "drizzle-orm";
import { toTitle } from "./answering/answer.ts";
import { answers, conversations } from "./schema.ts";

export type ConversationRow = typeof conversations.$inferSelect;

export async function insertConversation(db: Db, row: ConversationRow): Promise<void> {
  await db.insert(conversations).values({ ...row, title: storable(row.title) });
}

/** One of this person's conversations. */
export async function findConversation(db: Db, id: string, ownerId: string): Promise<ConversationRow | undefined> {
  const [row] = await db.select().from(conversations).where(isOwn(id, ownerId));
  return row;
}

/** Notes that a conversation of this person's is asked something, which names it if nothing did; false if it is not there. */
export async function askInConversation(
  tx: Transaction,
  { id, ownerId, question, time }: { id: string; ownerId: string; question: string; time: Date },
): Promise<boolean> {
  const title = sql`case when ${conversations.title} = '' then ${storable(toTitle(question))} else ${conversations.title} end`;
  const rows = await tx
    .update(conversations)
    .set({ updateTime: time, title })
    .where(isOwn(id, ownerId))
    .returning({ id: conversations.id });
  return rows.length > 0;
}

/** This person's conversations after a position, the last asked first. */
export function listConversations(
  db: Db,
  ownerId: string,
  { after, limit }: { after: TimePosition | undefined; limit: number },
): Promise<ConversationRow[]> {
  const later =
    after &&
    sql`(${conversations.updateTime}, ${conversations.id}) < (${after.time.toISOString()}::timestamptz, ${storable(after.id)})`;
  return db
    .select()
    .from(conversations)
    .where(and(eq(conversations.ownerId, ownerId), later))
    .orderBy(sql`${conversations.updateTime} desc, ${conversations.id} desc`)
    .limit(limit);
}

/** Deletes a conversation of this person's with its answers; the ids of those that had not ended, or undefined if it is not there. */
export async function deleteConversation(tx: Transaction, id: string, ownerId: string): Promise<string[] | undefined> {
  const [row] = await tx.select({ id: conversations.id }).from(conversations).where(isOwn(id, ownerId)).for("update");
  if (!row) return undefined;
  const running = await tx
    .select({ id: answers.id })
    .from(answers)
    .where(and(eq(answers.conversationId, id), eq(answers.finishReason, FinishReason.UNSPECIFIED)));
  await tx.delete(conversations).where(eq(conversations.id, id));
  return running.map(({ id: answerId }) => answerId);
}

const isOwn = (id: string, ownerId: string) =>
  and(eq(conversations.id, storable(id)), eq(conversations.ownerId, ownerId));
