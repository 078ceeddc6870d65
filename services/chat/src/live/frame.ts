import { create, type MessageInitShape, toBinary, toJson } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import type { FeedFrame } from "@lyceum/service";
import type { Change } from "../change.ts";
import { isSendersOwn, toMessage } from "../entry.ts";

/** What happens, without a cursor. */
export type LiveEvent = NonNullable<MessageInitShape<typeof SubscribeResponseSchema>["event"]>;

/** A response that is encoded when it is first sent, once in each format. */
export type Frame = FeedFrame & {
  readonly response: SubscribeResponse;
  /** Which change it tells of, if it is durable. */
  readonly place: Pick<Change, "roomId" | "change"> | undefined;
};

/** The response that tells of a change. */
export function createChangeFrame(cursor: string, change: Change, userId: string): Frame {
  return createFrame(cursor, toEvent(change, userId), change);
}

export function createFrame(cursor: string, event: LiveEvent, place?: Pick<Change, "roomId" | "change">): Frame {
  const response = create(SubscribeResponseSchema, { cursor, event });
  let json: Uint8Array | undefined;
  let binary: Uint8Array | undefined;
  return {
    response,
    place,
    event: event.case ?? "",
    cursor,
    get json() {
      json ??= Buffer.from(JSON.stringify(toJson(SubscribeResponseSchema, response, { alwaysEmitImplicit: true })));
      return json;
    },
    get binary() {
      binary ??= toBinary(SubscribeResponseSchema, response);
      return binary;
    },
  };
}

/** A change as `userId` is told of it. */
function toEvent(change: Change, userId: string): LiveEvent {
  const { roomId } = change;
  const place = { roomId, change: BigInt(change.change) };
  switch (change.kind) {
    case "message":
    case "messageEdited":
      return { case: change.kind, value: toMessage(change.entry, userId, change.change) };
    case "messageDeleted":
      return {
        case: "messageDeleted",
        value: { ...place, messageId: change.messageId, seq: BigInt(change.seq) },
      };
    case "reaction": {
      const { messageId, userId: reactorId, emoji, removed } = change;
      return { case: "reaction", value: { ...place, messageId, userId: reactorId, emoji, removed } };
    }
    case "membership":
      return {
        case: "membership",
        value: { ...place, userId: change.userId, role: change.role, removed: change.removed },
      };
    // For each of its members, it is as if they were removed.
    case "roomDeleted":
      return { case: "membership", value: { ...place, userId, removed: true } };
  }
}

/** True if a person is told of a change in another form than the rest: a sender sees more of a message, everybody their own leaving of a deleted room. */
export function isPersonal(change: Change, userId: string): boolean {
  if (change.kind === "roomDeleted") return true;
  if (change.kind !== "message" && change.kind !== "messageEdited") return false;
  const { row } = change.entry;
  return row.senderId === userId && isSendersOwn(row);
}
