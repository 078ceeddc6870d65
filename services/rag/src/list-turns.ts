import { listAnswers } from "./answer-store.ts";
import { toText } from "./answering/answer.ts";
import type { Context } from "./context.ts";
import type { Turn } from "./generator/generator.ts";
import { readAnswers } from "./read-answers.ts";
import type { Reader } from "./reader.ts";

/** How many answers back a question may point. */
const maxAnswers = 3;

/** What was last asked and answered in a conversation, the oldest first, as far as the reader may read it now. */
export async function listTurns(
  ctx: Pick<Context, "clients" | "database">,
  reader: Reader,
  conversationId: string,
): Promise<Turn[]> {
  const rows = await listAnswers(ctx.database.db, conversationId, { limit: maxAnswers });
  const answers = await readAnswers(ctx, reader, rows.reverse());
  return answers.flatMap(({ row, shown }) => [
    { asker: true, text: row.question },
    { asker: false, text: toText(row.parts, shown) },
  ]);
}
