import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { PassageSchema } from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
import type { ConversationSchema } from "@lyceum/gen/proto/lyceum/rag/v1/conversation_pb.ts";
import type { AskResponseSchema, DoneSchema } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import type { ConversationRow } from "./conversation-store.ts";
import type { ReadPassage } from "./retrieval.ts";

/** What Ask and ResumeAnswer stream. */
export type Piece = Pick<MessageInitShape<typeof AskResponseSchema>, "event">;

/** A passage as clients see it. */
export function toPassageMessage({ hit, file, passage }: ReadPassage): MessageInitShape<typeof PassageSchema> {
  const { id, text, locator } = passage;
  return { id, fileId: file.id, fileName: file.name, text, score: hit.score, ...(locator && { locator }) };
}

/** The end of an answer. */
export const toDone = (done: MessageInitShape<typeof DoneSchema>): Piece => ({ event: { case: "done", value: done } });

/** The same piece as a call with this trace shows it. */
export function withTraceId(piece: Piece, traceId: string): Piece {
  return piece.event?.case === "done" ? toDone({ ...piece.event.value, traceId }) : piece;
}

/** A conversation as clients see it. */
export function toConversationMessage(row: ConversationRow): MessageInitShape<typeof ConversationSchema> {
  const { id, title, createTime, updateTime } = row;
  return { id, title, createTime: timestampFromDate(createTime), updateTime: timestampFromDate(updateTime) };
}
