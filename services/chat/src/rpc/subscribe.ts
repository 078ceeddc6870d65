import type { MethodImpl } from "@connectrpc/connect";
import type { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { personOf } from "@lyceum/service";
import type { Context } from "../context.ts";
import { createFrameQueue } from "../live/frame-queue.ts";

export const subscribe = (ctx: Context): MethodImpl<typeof ChatService.method.subscribe> =>
  async function* ({ cursor }, call) {
    const queue = createFrameQueue(call.signal);
    using _subscription = await ctx.live.subscribe(personOf(call).userId, cursor, queue.reader);
    for await (const frame of queue) yield frame.response;
  };
