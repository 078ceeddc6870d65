import { create } from "@bufbuild/protobuf";
import type { MethodImpl } from "@connectrpc/connect";
import { type ChatService, TypingSchema } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { roomNotFound } from "../errors.ts";
import { findRoom } from "../room-store.ts";

/** A person's typing in a room is told once in this time. */
const everyMs = 3_000;
const maxRemembered = 10_000;

export const setTyping = (ctx: Context): MethodImpl<typeof ChatService.method.setTyping> => {
  /** When each person's typing in a room was told last, the latest last. */
  const told = new Map<string, number>();
  return async ({ roomId }, call) => {
    const { userId } = personOf(call);
    if (!(await findRoom(ctx.database.db, roomId, userId))) throw roomNotFound();
    const key = `${roomId} ${userId}`;
    const nowMs = performance.now();
    if (nowMs - (told.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return {};
    told.delete(key);
    told.set(key, nowMs);
    if (told.size > maxRemembered) told.delete(told.keys().next().value as string);
    ctx.live.tell(
      { roomId, exceptUserId: userId },
      { case: "typing", value: create(TypingSchema, { roomId, userId }) },
    );
    return {};
  };
};
