import { join } from "node:path";
import { assistantAsked } from "@lyceum/gen/events/lyceum/chat/v1/assistant_asked.ts";
import { messageDeleted } from "@lyceum/gen/events/lyceum/chat/v1/message_deleted.ts";
import { messageEdited } from "@lyceum/gen/events/lyceum/chat/v1/message_edited.ts";
import { messageSent } from "@lyceum/gen/events/lyceum/chat/v1/message_sent.ts";
import { roomDeleted } from "@lyceum/gen/events/lyceum/chat/v1/room_deleted.ts";
import { roomMemberAdded } from "@lyceum/gen/events/lyceum/chat/v1/room_member_added.ts";
import { roomMemberRemoved } from "@lyceum/gen/events/lyceum/chat/v1/room_member_removed.ts";
import { profileUpdated } from "@lyceum/gen/events/lyceum/profile/v1/profile_updated.ts";
import { ChatInternalService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { ChatService } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { defineFeed, defineService, type Host, startSweep } from "@lyceum/service";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { dropOldChanges } from "./feed-store.ts";
import { applyMembersJob } from "./jobs/apply-members.ts";
import { eraseQuotesJob } from "./jobs/erase-quotes.ts";
import { eraseRoomJob } from "./jobs/erase-room.ts";
import { openLive } from "./live/live.ts";
import { createNames } from "./names.ts";
import { onFilePurged } from "./on/file-purged.ts";
import { createPresenceAudiences } from "./presence-audiences.ts";
import { readRoomChanges } from "./read-room-changes.ts";
import { addMembers } from "./rpc/add-members.ts";
import { addReaction } from "./rpc/add-reaction.ts";
import { beginAssistantMessage } from "./rpc/begin-assistant-message.ts";
import { createRoom } from "./rpc/create-room.ts";
import { deleteMessage } from "./rpc/delete-message.ts";
import { deleteRoom } from "./rpc/delete-room.ts";
import { editMessage } from "./rpc/edit-message.ts";
import { finishAssistantMessage } from "./rpc/finish-assistant-message.ts";
import { getRoom } from "./rpc/get-room.ts";
import { growAssistantMessage } from "./rpc/grow-assistant-message.ts";
import { listMembers } from "./rpc/list-members.ts";
import { listMessages } from "./rpc/list-messages.ts";
import { listRoomMemberIds } from "./rpc/list-room-member-ids.ts";
import { listRooms } from "./rpc/list-rooms.ts";
import { markRead } from "./rpc/mark-read.ts";
import { readQuestion } from "./rpc/read-question.ts";
import { removeMember } from "./rpc/remove-member.ts";
import { removeReaction } from "./rpc/remove-reaction.ts";
import { sendMessage } from "./rpc/send-message.ts";
import { setTyping } from "./rpc/set-typing.ts";
import { subscribe } from "./rpc/subscribe.ts";
import { updateRoom } from "./rpc/update-room.ts";
import { createSender } from "./send-messages.ts";

const dayMs = 24 * 3_600_000;

/** Rooms, their members and messages, live and kept. */
export const chatService = defineService({
  name: "chat",
  rpcs: [ChatService, ChatInternalService],
  publishes: [
    roomMemberAdded,
    roomMemberRemoved,
    roomDeleted,
    messageSent,
    messageEdited,
    messageDeleted,
    assistantAsked,
  ],
  migrations: join(import.meta.dirname, "migrations"),
  config,
  async open(host, { changesKeptDays }) {
    const ctx = await openContext(host);
    const { database, log } = host;
    const dropBefore = (now: Date) => new Date(now.getTime() - changesKeptDays * dayMs);
    const sweep = startSweep({ "old changes": (now) => dropOldChanges(database, dropBefore(now)) }, log);
    const following = await host.events.follow([profileUpdated], new Date(), ({ data: { userId } }) => {
      ctx.names.forget(userId);
      ctx.audiences.forget(userId);
      ctx.live.resettle(userId);
    });
    return {
      routes: (router) =>
        router
          .service(ChatService, {
            createRoom: createRoom(ctx),
            getRoom: getRoom(ctx),
            listRooms: listRooms(ctx),
            updateRoom: updateRoom(ctx),
            deleteRoom: deleteRoom(ctx),
            addMembers: addMembers(ctx),
            removeMember: removeMember(ctx),
            listMembers: listMembers(ctx),
            sendMessage: sendMessage(ctx),
            listMessages: listMessages(ctx),
            editMessage: editMessage(ctx),
            deleteMessage: deleteMessage(ctx),
            addReaction: addReaction(ctx),
            removeReaction: removeReaction(ctx),
            markRead: markRead(ctx),
            setTyping: setTyping(ctx),
            subscribe: subscribe(ctx),
          })
          .service(ChatInternalService, {
            listRoomMemberIds: listRoomMemberIds(ctx),
            readQuestion: readQuestion(ctx),
            beginAssistantMessage: beginAssistantMessage(ctx),
            growAssistantMessage: growAssistantMessage(ctx),
            finishAssistantMessage: finishAssistantMessage(ctx),
          }),
      feeds: [
        defineFeed(ChatService.method.subscribe, (userId, { cursor }, reader) =>
          ctx.live.subscribe(userId, cursor, reader),
        ),
      ],
      handlers: [onFilePurged(ctx.jobs)],
      jobs: [applyMembersJob(ctx), eraseRoomJob(ctx), eraseQuotesJob(ctx)],
      dispose: async () => {
        await Promise.all([sweep, following, ctx.live].map((part) => part[Symbol.asyncDispose]()));
      },
    };
  },
});

async function openContext({ database, events, clients, jobs, log }: Host): Promise<Context> {
  const audiences = createPresenceAudiences(clients);
  const live = await openLive({
    database,
    events,
    log,
    readChanges: readRoomChanges({ database, clients }),
    audiences,
  });
  const sender = createSender({ database, events, live });
  return { database, events, clients, jobs, names: createNames(clients), audiences, live, sender };
}
