import { type Client, ConnectError } from "@connectrpc/connect";
import type { ChatService, SubscribeResponse } from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
import { eventually } from "@lyceum/testing";

type EventCase = NonNullable<SubscribeResponse["event"]["case"]>;

/** What one subscription has brought so far. */
export type TestFollower = AsyncDisposable & {
  readonly responses: readonly SubscribeResponse[];
  /** Of what came, the events of one kind. */
  of<Case extends EventCase>(kind: Case): Extract<SubscribeResponse["event"], { case: Case }>["value"][];
  /** The cursor of the last response. */
  readonly cursor: string;
  /** Resolves with `ready`. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended, with why if not by its reader. */
  readonly ended: Promise<ConnectError | undefined>;
  /** Waits until an assertion about it holds. */
  until(assertion: () => void): Promise<void>;
  close(): void;
};

/** Subscribes and collects. */
export function follow(chat: Client<typeof ChatService>, cursor: string): TestFollower {
  const responses: SubscribeResponse[] = [];
  const closing = new AbortController();
  const { promise: ready, resolve: becomeReady, reject } = Promise.withResolvers<void>();
  ready.catch(() => {});
  const read = async () => {
    try {
      for await (const response of chat.subscribe({ cursor }, { signal: closing.signal })) {
        responses.push(response);
        if (response.event.case === "ready") becomeReady();
      }
    } catch (error) {
      if (closing.signal.aborted) return undefined;
      reject(error);
      return ConnectError.from(error);
    }
    return undefined;
  };
  const ended = read();
  const close = () => closing.abort();
  return {
    responses,
    of: (kind) => responses.flatMap(({ event }) => (event.case === kind ? [event.value as never] : [])),
    get cursor() {
      return responses.at(-1)?.cursor ?? cursor;
    },
    ready,
    ended,
    until: (assertion) => eventually(assertion),
    close,
    async [Symbol.asyncDispose]() {
      close();
      await ended;
    },
  };
}
