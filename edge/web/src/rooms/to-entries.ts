import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type Message, MessageKind } from "@lyceum/client";

/** A line of a room's history. */
export type Entry =
  | { readonly kind: "day"; readonly key: string; readonly date: Date }
  /** What follows has not been read. */
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "notice"; readonly key: string; readonly message: Message }
  /** `isFirst` where it does not go on from a message of the same sender. */
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly isFirst: boolean };

/** Messages of one sender further apart than this begin anew. */
const togetherMs = 5 * 60_000;

/** What was unread when one came in: the messages after one, up to another. */
export type Unread = { readonly after: bigint; readonly upTo: bigint };

/** The messages with the days they fall on, and a line before the first unread one that somebody else wrote. */
export function toEntries(messages: readonly Message[], me: string, unread?: Unread): Entry[] {
  const entries: Entry[] = [];
  const fresh =
    unread && messages.find(({ seq, senderId }) => seq > unread.after && seq <= unread.upTo && senderId !== me);
  let before: Message | undefined;
  for (const message of messages) {
    const date = toDate(message.createTime);
    const isNewDay = !before || date.toDateString() !== toDate(before.createTime).toDateString();
    const isUnread = message === fresh;
    if (isNewDay) entries.push({ kind: "day", key: `day-${date.toDateString()}`, date });
    if (isUnread) entries.push({ kind: "unread", key: "unread" });
    const key = message.id;
    if (message.kind === MessageKind.MEMBERSHIP) entries.push({ kind: "notice", key, message });
    else {
      const isFirst = isNewDay || isUnread || !goesOn(before, message);
      entries.push({ kind: "message", key, message, isFirst });
    }
    before = message;
  }
  return entries;
}

function goesOn(before: Message | undefined, message: Message): boolean {
  return (
    before?.kind === message.kind &&
    before.senderId === message.senderId &&
    message.replyToId === "" &&
    message.kind === MessageKind.TEXT &&
    toDate(message.createTime).getTime() - toDate(before.createTime).getTime() < togetherMs
  );
}

function toDate(time: Timestamp | undefined): Date {
  return time ? timestampDate(time) : new Date(0);
}
