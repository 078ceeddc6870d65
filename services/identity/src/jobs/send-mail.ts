import type { Transaction } from "@lyceum/database";
import type { Host, JobKind, JobQueue } from "@lyceum/service";
import type { Context } from "../context.ts";
import { composeMail, type MailOrder } from "../mail/compose-mail.ts";
import { type Mailer, MailRefusedError } from "../mail/index.ts";

const kind = "send-mail";

/** Sends a mail later, in the transaction of what it tells of. One that waits to be sent `about` the same is replaced. */
export async function orderMail(
  jobs: JobQueue,
  tx: Transaction,
  order: MailOrder,
  { about = Object.values(order).join(" "), delayMs = 0 }: { about?: string; delayMs?: number } = {},
): Promise<void> {
  const key = `${order.letter} ${about}`;
  await jobs.enqueue(tx, { kind, key, payload: order, lane: key, delayMs });
}

/** Writes and sends the mails that were ordered. Secrets are made here, so that none waits in the queue. */
export const sendMail = (ctx: Context, mailer: Mailer, log: Host["log"]): JobKind<MailOrder> => ({
  kind,
  concurrency: 4,
  // Some two hours of a server that answers "later"; one that is away is waited for without end.
  maxAttempts: 125,
  async run({ payload, signal }) {
    const mail = await composeMail(ctx, payload, new Date());
    if (!mail) return;
    try {
      await mailer.send(mail, signal);
    } catch (error) {
      if (!(error instanceof MailRefusedError)) throw error;
      log.warn({ err: error, letter: payload.letter }, "A mail was refused for good.");
    }
  },
});
