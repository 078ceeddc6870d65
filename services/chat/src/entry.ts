import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Message, MessageKind, MessageSchema } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { FinishReason } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import { type Source, toCitation } from "./citation.ts";
import type { MessageRow, ReactionRow } from "./schema.ts";

/** A message with what hangs on it. */
export type Entry = {
  readonly row: MessageRow;
  readonly reactions: readonly ReactionRow[];
  /** The sources of its citations that may be shown, by the citation's number. */
  readonly sources?: ReadonlyMap<number, Source>;
};

/** The fields that most messages leave empty. */
export const emptyMessage = {
  clientId: null,
  text: "",
  editTime: null,
  deleteTime: null,
  replyToId: "",
  fileIds: [],
  membership: null,
  answerId: null,
  finishReason: FinishReason.UNSPECIFIED,
  citations: [],
} satisfies Partial<MessageRow>;

/** True if the sender sees more of a message than others do: the id they gave it, and the answer to what they asked privately. */
export function isSendersOwn({ kind, clientId, answerId }: MessageRow): boolean {
  return clientId !== null || (kind === MessageKind.TEXT && answerId !== null);
}

/** The message as `viewerId` sees it, at the room's change `change`. */
export function toMessage({ row, reactions, sources }: Entry, viewerId: string, change = row.change): Message {
  const seesAll = row.senderId === viewerId;
  return create(MessageSchema, {
    id: row.id,
    roomId: row.roomId,
    seq: BigInt(row.seq),
    change: BigInt(change),
    kind: row.kind,
    senderId: row.senderId,
    text: row.text,
    createTime: timestampFromDate(row.createTime),
    ...(row.editTime && { editTime: timestampFromDate(row.editTime) }),
    ...(row.deleteTime && { deleteTime: timestampFromDate(row.deleteTime) }),
    replyToId: row.replyToId,
    fileIds: row.fileIds,
    answerId: (seesAll || row.kind !== MessageKind.TEXT) && row.answerId ? row.answerId : "",
    citations: row.citations.map((citation) => toCitation(citation, sources?.get(citation.number))),
    ...(row.membership && { membership: row.membership }),
    clientId: (seesAll && row.clientId) || "",
    finishReason: row.finishReason,
    reactions: groupReactions(reactions),
  });
}

/** Who chose each emoji, in the order in which the emojis came. */
function groupReactions(reactions: readonly ReactionRow[]): { emoji: string; userIds: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { emoji, userId } of reactions.toSorted((a, b) => a.change - b.change)) {
    groups.set(emoji, [...(groups.get(emoji) ?? []), userId]);
  }
  return [...groups].map(([emoji, userIds]) => ({ emoji, userIds }));
}
