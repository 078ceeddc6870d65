import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { defineService } from "@lyceum/service";
import { config } from "./config.ts";

/** Rooms, their members and messages, live and kept. */
export const chatService = defineService({
  name: "chat",
  rpcs: [ChatService, ChatInternalService],
  publishes: [],
  config,
  async open() {
    return {
      routes: (router) => router.service(ChatService, {}).service(ChatInternalService, {}),
    };
  },
});
