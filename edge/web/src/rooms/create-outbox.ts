import { type Lyceum, type Message, problemOf } from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";
import { findNext, type Outgoing, readOutbox } from "./outbox.ts";

/** What the person has written and the server has not taken yet. */
export type Outbox = {
  readonly list: Store<readonly Outgoing[]>;
  /** Takes up what a reload left unsent. */
  start(): void;
  /** Shows a message at once, and says it as soon as that is possible. */
  send(message: Pick<Outgoing, "roomId" | "text" | "replyToId" | "fileIds">): void;
  /** Tries what waits at once, as when the connection is back. */
  sendNext(): void;
  /** Tries a refused one again. */
  resend(clientId: string): void;
  /** Forgets one that has arrived, or that the person gives up. */
  settle(clientId: string): void;
  clear(): void;
};

/** Where unsent messages outlive a reload of the tab. */
const storageKey = "lyceum.outbox";
const retryMs = 3_000;

/** `onSent` is told the message as the server keeps it. */
export function createOutbox(lyceum: Lyceum, onSent: (message: Message) => void): Outbox {
  const list = createStore<readonly Outgoing[]>([]);
  let retry: ReturnType<typeof setTimeout> | undefined;

  const me = () => lyceum.session.current()?.userId ?? "";
  const keep = (change: (now: readonly Outgoing[]) => readonly Outgoing[]) => {
    list.set(change);
    const kept = list.get().map(({ error: _, ...outgoing }) => outgoing);
    sessionStorage.setItem(storageKey, JSON.stringify({ userId: me(), kept }));
  };
  const change = (clientId: string, to: Partial<Outgoing>) =>
    keep((now) => now.map((outgoing) => (outgoing.clientId === clientId ? { ...outgoing, ...to } : outgoing)));
  const settle = (clientId: string) => {
    if (list.get().some((outgoing) => outgoing.clientId === clientId))
      keep((now) => now.filter((outgoing) => outgoing.clientId !== clientId));
  };

  function sendNext(): void {
    clearTimeout(retry);
    for (let next = findNext(list.get()); next; next = findNext(list.get())) {
      change(next.clientId, { state: "sending", error: undefined });
      void send(next);
    }
  }

  async function send({ clientId, roomId, text, replyToId, fileIds }: Outgoing): Promise<void> {
    try {
      const { message } = await lyceum.chat.sendMessage({ clientId, roomId, text, replyToId, fileIds: [...fileIds] });
      if (message) onSent(message);
      settle(clientId);
      sendNext();
    } catch (error) {
      const { code } = problemOf(error);
      const mayPass = code === "unavailable" || code === "deadline_exceeded";
      change(clientId, mayPass ? { state: "waiting" } : { state: "failed", error });
      if (!mayPass) return sendNext();
      clearTimeout(retry);
      retry = setTimeout(sendNext, retryMs);
    }
  }

  return {
    list,
    start() {
      list.set(() => readOutbox(sessionStorage.getItem(storageKey), me()));
      sendNext();
    },
    send(message) {
      keep((now) => [...now, { ...message, clientId: makeId(), createdMs: Date.now(), state: "waiting" }]);
      sendNext();
    },
    sendNext,
    resend(clientId) {
      change(clientId, { state: "waiting", error: undefined });
      sendNext();
    },
    settle,
    clear() {
      clearTimeout(retry);
      sessionStorage.removeItem(storageKey);
      list.set(() => []);
    },
  };
}

/** crypto.randomUUID needs a secure context; getRandomValues does not. */
function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
