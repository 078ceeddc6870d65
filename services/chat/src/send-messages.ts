import { setTimeout as delay } from "node:timers/promises";
import type { Database, Transaction } from "@lyceum/database";
import type { AppendOptions, EventLog } from "@lyceum/events";
import type { Fact } from "@lyceum/gen/events/event-type.ts";
import { assistantAsked } from "@lyceum/gen/events/lyceum/chat/v1/assistant_asked.ts";
import { messageSent } from "@lyceum/gen/events/lyceum/chat/v1/message_sent.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { newId } from "@lyceum/service";
import type { Change } from "./change.ts";
import { type Entry, emptyMessage } from "./entry.ts";
import { messageNotFound, roomNotFound } from "./errors.ts";
import type { Live } from "./live/live.ts";
import { findQuestion } from "./message.ts";
import { toEntries } from "./message-store.ts";
import type { MessageRow } from "./schema.ts";
import { type LockedRoom, readForSending, type Said, writeSent } from "./send-store.ts";

/** Commits messages. Those that come while others are being committed share the next commit. */
export type Sender = {
  /** Resolves when the message is durable; with the one there is, if the sender has said this before. */
  send(said: Said): Promise<Entry>;
};

type Waiting = {
  readonly said: Said;
  readonly resolve: (entry: Entry) => void;
  readonly reject: (error: unknown) => void;
};
type Outcome = Entry | Error;

const maxTogether = 200;
const gatherMs = 1;
/** Messages that come so soon after a commit are one rush with it. */
const rushMs = 5;

export function createSender(ctx: {
  readonly database: Database;
  readonly events: EventLog;
  readonly live: Live;
}): Sender {
  let waiting: Waiting[] = [];
  let isBusy = false;

  let last = { size: 0, endMs: Number.NEGATIVE_INFINITY };

  const work = async () => {
    while (waiting.length > 0) {
      // Whoever was just answered may have more to say: waiting a moment for them halves the commits.
      const isRush = last.size > 1 && performance.now() - last.endMs < rushMs;
      if (isRush && waiting.length < last.size) await delay(gatherMs);
      const batch = waiting.slice(0, maxTogether);
      waiting = waiting.slice(maxTogether);
      try {
        const outcomes = await ctx.database.transaction((tx) =>
          sendAll(
            ctx,
            tx,
            batch.map(({ said }) => said),
          ),
        );
        batch.forEach(({ resolve, reject }, index) => {
          const outcome = outcomes[index];
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome as Entry);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      last = { size: batch.length, endMs: performance.now() };
    }
    isBusy = false;
  };

  return {
    send: (said) =>
      new Promise((resolve, reject) => {
        waiting.push({ said, resolve, reject });
        // Those of one turn of the event loop go together.
        if (!isBusy) {
          isBusy = true;
          setImmediate(work);
        }
      }),
  };
}

/** Numbers and writes messages of any rooms; answers each message, or why it was not sent, in their order. */
async function sendAll(
  { database, events, live }: { database: Database; events: EventLog; live: Live },
  tx: Transaction,
  list: readonly Said[],
): Promise<Outcome[]> {
  const read = await readForSending(database, tx, list);
  const now = new Date();
  const rooms = new Map<string, LockedRoom>(read.rooms.map((room) => [room.id, { ...room }]));
  const said = new Map(read.repeated.map((row) => [keyOf(row), row]));
  const fresh: MessageRow[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: facts of different shapes share one list
  const facts: (Fact<any> & AppendOptions)[] = [];
  const outcomes = list.map((one): MessageRow | Error => {
    const room = rooms.get(one.roomId);
    if (!room || !read.members.has(`${one.roomId} ${one.senderId}`)) return roomNotFound();
    const before = one.clientId === null ? undefined : said.get(keyOf(one));
    if (before) return before;
    if (one.replyToId && !read.replies.has(`${one.roomId} ${one.replyToId}`)) return messageNotFound();
    room.lastSeq += 1;
    room.lastChange += 1;
    const row = toRow(one, room, now);
    fresh.push(row);
    if (row.clientId !== null) said.set(keyOf(row), row);
    facts.push(...factsOf(row).map((fact) => ({ ...fact, traceparent: one.traceparent })));
    return row;
  });
  if (fresh.length > 0) {
    const changed = new Set(fresh.map(({ roomId }) => roomId));
    const rows = [...rooms.values()].filter(({ id }) => changed.has(id));
    await Promise.all([writeSent(database, tx, fresh, rows, now), events.appendAll(tx, facts)]);
    const changes = fresh.map(toChange);
    database.afterCommit(tx, () => live.committed(changes));
  }
  const older = read.repeated.length > 0 ? await toEntries(tx, read.repeated) : [];
  const entries = new Map(older.map((entry) => [entry.row, entry]));
  return outcomes.map((row) => (row instanceof Error ? row : (entries.get(row) ?? { row, reactions: [] })));
}

function keyOf({ roomId, senderId, clientId }: Pick<MessageRow, "roomId" | "senderId" | "clientId">): string {
  return JSON.stringify([roomId, senderId, clientId]);
}

function toRow(
  { roomId, senderId, clientId, text, replyToId, fileIds }: Said,
  room: LockedRoom,
  now: Date,
): MessageRow {
  return {
    ...emptyMessage,
    id: newId(),
    roomId,
    seq: room.lastSeq,
    change: room.lastChange,
    kind: MessageKind.TEXT,
    senderId,
    clientId,
    text,
    createTime: now,
    replyToId,
    fileIds: [...fileIds],
  };
}

function toChange(row: MessageRow): Change {
  return { roomId: row.roomId, change: row.change, kind: "message", entry: { row, reactions: [] } };
}

// biome-ignore lint/suspicious/noExplicitAny: facts of different shapes share one list
function factsOf({ roomId, id: messageId, seq, senderId, change: version, text }: MessageRow): Fact<any>[] {
  const question = findQuestion(text);
  return [
    messageSent({ roomId, messageId, seq, senderId, version }),
    ...(question ? [assistantAsked({ roomId, messageId, askerId: senderId, private: question.private, version })] : []),
  ];
}
