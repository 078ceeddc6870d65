import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { Fact } from "@lyceum/gen/events/event-type.ts";
import { assistantAsked } from "@lyceum/gen/events/lyceum/chat/v1/assistant_asked.ts";
import type {
  ChatInternalService,
  FinishAssistantMessageRequest,
  GrowAssistantMessageRequest,
} from "@lyceum/gen/proto/lyceum/chat/v1/chat_internal_service_pb.ts";
import { MessageKind } from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
import { newId } from "@lyceum/service";

/** A room as the test keeps it. */
export type TestRoom = { readonly members: Set<string>; change: number };

/** A message as the test's chat keeps it; the assistant's has an `answerId`, and how it ended. */
export type TestMessage = {
  readonly id: string;
  readonly roomId: string;
  readonly senderId: string;
  text: string;
  isDeleted: boolean;
  readonly answerId?: string;
  /** The answer that only its sender was given. */
  privateAnswerId?: string;
  end?: FinishAssistantMessageRequest;
};

/** A chat whose rooms and messages the test decides. */
export type TestChat = {
  readonly rooms: Map<string, TestRoom>;
  readonly messages: TestMessage[];
  /** What was shown of growing answers, in order. */
  readonly grown: GrowAssistantMessageRequest[];
  /** Called before each call is answered, with its name; what it throws is the answer. */
  onCall: (name: string) => Promise<void> | void;
  /** Puts a question to the assistant; answers its message. */
  ask(roomId: string, askerId: string, text: string): Promise<TestMessage>;
  /** The assistant's messages in a room. */
  said(roomId: string): TestMessage[];
  readonly service: ServiceImpl<typeof ChatInternalService>;
};

export function createTestChat(publish: <T>(fact: Fact<T>) => Promise<void>): TestChat {
  const rooms = new Map<string, TestRoom>();
  const messages: TestMessage[] = [];
  const gone = () => new ConnectError("gone", Code.NotFound);
  const roomOf = (roomId: string) => {
    const room = rooms.get(roomId);
    if (!room) throw gone();
    return room;
  };
  const find = (roomId: string, isIt: (message: TestMessage) => boolean) => {
    roomOf(roomId);
    return messages.find((message) => message.roomId === roomId && !message.isDeleted && isIt(message));
  };
  const toMessage = ({ id, roomId, senderId, text, answerId = "", end }: TestMessage) => ({
    id,
    roomId,
    senderId,
    text,
    answerId,
    kind: answerId ? MessageKind.ASSISTANT : MessageKind.TEXT,
    createTime: { seconds: BigInt(Math.floor(Date.now() / 1000)), nanos: 0 },
    ...(end && { finishReason: end.finishReason }),
  });
  const chat: TestChat = {
    rooms,
    messages,
    grown: [],
    onCall: () => {},
    async ask(roomId, askerId, text) {
      const message = { id: newId(), roomId, senderId: askerId, text, isDeleted: false };
      messages.push(message);
      const version = ++roomOf(roomId).change;
      const asked = { roomId, messageId: message.id, askerId, private: text.includes("private:"), version };
      await publish(assistantAsked(asked));
      return message;
    },
    said: (roomId) => messages.filter((message) => message.roomId === roomId && message.answerId),
    service: {
      async listRoomMemberIds({ roomId }) {
        await chat.onCall("list");
        return { userIds: [...roomOf(roomId).members] };
      },
      async readQuestion({ roomId, messageId }) {
        await chat.onCall("read");
        const question = find(roomId, ({ id }) => id === messageId);
        if (!question) throw gone();
        const before = messages.slice(0, messages.indexOf(question)).filter((message) => message.roomId === roomId);
        return { message: toMessage(question), history: before.map(toMessage) };
      },
      async beginAssistantMessage({ roomId, questionId, answerId, onlyUserId }) {
        await chat.onCall("begin");
        const begun = find(roomId, (message) => message.answerId === answerId);
        if (begun) return { message: toMessage(begun) };
        const question = find(roomId, ({ id }) => id === questionId);
        if (!question) throw gone();
        if (onlyUserId) {
          question.privateAnswerId = answerId;
          return { message: toMessage(question) };
        }
        const message = { id: newId(), roomId, senderId: "assistant", text: "", isDeleted: false, answerId };
        messages.push(message);
        return { message: toMessage(message) };
      },
      async growAssistantMessage(request) {
        await chat.onCall("grow");
        chat.grown.push(request);
        return {};
      },
      async finishAssistantMessage(request) {
        await chat.onCall("finish");
        const message = find(request.roomId, ({ id }) => id === request.messageId);
        if (!message?.answerId) throw gone();
        message.text = request.text;
        message.end = request;
        return { message: toMessage(message) };
      },
    },
  };
  return chat;
}
