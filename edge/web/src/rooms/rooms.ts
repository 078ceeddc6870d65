import {
  type Lyceum,
  type Message,
  problemOf,
  type Room,
  type SubscribeResponse,
  type Subscription,
} from "@lyceum/client";
import { createStore, type Store } from "../app/store.ts";
import type { Uploads } from "../library/uploads.ts";
import { attach, changeAttachment, type Draft, emptyDraft, maxAttachments } from "./draft.ts";
import { findNext, type Outgoing, readOutbox } from "./outbox.ts";
import {
  dropRoom,
  forgetTyping,
  markRead,
  noRooms,
  type RoomsState,
  setRoom,
  takeMessage,
  takeResponse,
  typingMs,
} from "./rooms-state.ts";
import {
  addMessage,
  addPage,
  emptyTimeline,
  lacksSources,
  replaceMessages,
  type Timeline,
  trimTimeline,
} from "./timeline.ts";

/** The person's rooms as this tab follows them, and what it sends to them. */
export type Rooms = {
  readonly state: Store<RoomsState>;
  readonly outbox: Store<readonly Outgoing[]>;
  /** What is being written, by room. */
  readonly drafts: Store<ReadonlyMap<string, Draft>>;
  changeDraft(roomId: string, to: (draft: Draft) => Draft): void;
  /** Puts files of the device into the library and into what is being written. */
  attach(roomId: string, files: readonly File[]): void;
  /** Follows all rooms from now on, until `clear`. */
  start(): void;
  /** Fetches the latest messages of a room unless they are known. */
  open(roomId: string): void;
  loadEarlier(roomId: string): void;
  /** Lets go of what was fetched of a room's past. */
  leave(roomId: string): void;
  /** Fetches everything anew. */
  refreshAll(): void;
  /** Fetches a room anew, such as one that was just made. */
  refresh(roomId: string): Promise<void>;
  /** Forgets a room that the person left or deleted. */
  drop(roomId: string): void;
  /** Tells of each message that comes in, until the returned function is called. */
  listen(onMessage: (message: Message) => void): () => void;
  /** Shows a message at once, and says it as soon as that is possible. */
  send(message: Pick<Outgoing, "roomId" | "text" | "replyToId" | "fileIds">): void;
  /** Tries a refused one again. */
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** Takes a message that a call answered. */
  take(message: Message): void;
  markRead(roomId: string, seq: bigint): void;
  /** Tells the others that one is writing, now and then. */
  tellTyping(roomId: string): void;
  clear(): void;
};

/** Where unsent messages outlive a reload of the tab. */
const outboxKey = "lyceum.outbox";
const pageSize = 50;
/** Less than others show it, so that it does not flicker. */
const typingEveryMs = 3_000;
const retryMs = 3_000;

export function createRooms(lyceum: Lyceum, uploads: Uploads): Rooms {
  const state = createStore(noRooms);
  const outbox = createStore<readonly Outgoing[]>([]);
  const drafts = createStore<ReadonlyMap<string, Draft>>(new Map());
  const fetching = new Set<string>();
  const sourced = new Set<string>();
  const listeners = new Set<(message: Message) => void>();
  const marked = new Map<string, bigint>();
  let subscription: Subscription | undefined;
  let isFollowing = false;
  let toldTyping = { roomId: "", atMs: 0 };
  let retry: ReturnType<typeof setTimeout> | undefined;

  const me = () => lyceum.session.current()?.userId ?? "";
  const changeTimeline = (roomId: string, to: (timeline: Timeline) => Timeline) =>
    state.set((now) => {
      const timeline = now.timelines.get(roomId);
      return timeline ? { ...now, timelines: new Map(now.timelines).set(roomId, to(timeline)) } : now;
    });

  const changeDraft: Rooms["changeDraft"] = (roomId, to) =>
    drafts.set((now) => new Map(now).set(roomId, to(now.get(roomId) ?? emptyDraft)));

  function onResponse(response: SubscribeResponse): void {
    const { event } = response;
    if (event.case === "ready" && !isFollowing) {
      isFollowing = true;
      void refreshAll();
    }
    if (event.case === "reset") void refreshAll();
    state.set((now) => takeResponse(now, response, me(), Date.now()));
    if (event.case === "message" || event.case === "membership") {
      const isKnown = state.get().rooms?.has(event.value.roomId);
      const isGone = event.case === "membership" && event.value.removed && event.value.userId === me();
      if (!isGone && (!isKnown || event.case === "membership")) void refresh(event.value.roomId);
    }
    if (event.case === "message") {
      if (event.value.senderId === me()) settle(event.value.clientId);
      for (const listener of listeners) listener(event.value);
    }
    if (event.case === "messageEdited") void fetchSources(event.value);
    if (event.case === "typing") setTimeout(() => state.set((now) => forgetTyping(now, Date.now())), typingMs + 50);
  }

  /** Fetches the rooms, and the latest page of those that are open, without what is known. */
  async function refreshAll(): Promise<void> {
    try {
      const rooms = await listRooms();
      state.set((now) => {
        const left = [...(now.rooms?.keys() ?? [])].filter((id) => !rooms.some((room) => room.id === id));
        const kept = left.reduce(dropRoom, { ...now, rooms: now.rooms ?? new Map(), error: undefined });
        return rooms.reduce(setRoom, kept);
      });
    } catch (error) {
      state.set((now) => ({ ...now, error }));
    }
    for (const roomId of state.get().timelines.keys()) void loadPage(roomId, {}, replaceMessages);
  }

  async function listRooms(): Promise<Room[]> {
    const rooms: Room[] = [];
    let pageToken = "";
    do {
      const page = await lyceum.chat.listRooms({ pageSize: 250, pageToken });
      rooms.push(...page.rooms);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return rooms;
  }

  async function refresh(roomId: string): Promise<void> {
    if (fetching.has(roomId)) return;
    fetching.add(roomId);
    try {
      const { room } = await lyceum.chat.getRoom({ roomId });
      if (room) state.set((now) => setRoom(now, room));
    } catch (error) {
      if (problemOf(error).code === "not_found") state.set((now) => dropRoom(now, roomId));
    } finally {
      fetching.delete(roomId);
    }
  }

  /** Fetches what the reader may see of a message's sources; live messages come without. */
  async function fetchSources({ id, roomId, seq, change }: Message): Promise<void> {
    const known = state
      .get()
      .timelines.get(roomId)
      ?.messages.find((message) => message.id === id);
    if (!known || !lacksSources(known) || sourced.has(`${id} ${change}`)) return;
    sourced.add(`${id} ${change}`);
    try {
      const { messages } = await lyceum.chat.listMessages({ roomId, afterSeq: seq - 1n, pageSize: 1 });
      changeTimeline(roomId, (timeline) => messages.reduce(addMessage, timeline));
    } catch {
      sourced.delete(`${id} ${change}`);
    }
  }

  async function loadPage(
    roomId: string,
    bounds: { beforeSeq?: bigint },
    take: (timeline: Timeline, page: readonly Message[], hasMore: boolean) => Timeline,
  ): Promise<void> {
    changeTimeline(roomId, ({ error: _, ...timeline }) => ({ ...timeline, isLoading: true }));
    try {
      const page = await lyceum.chat.listMessages({ roomId, pageSize, ...bounds });
      changeTimeline(roomId, (timeline) => take(timeline, page.messages, page.hasMore));
    } catch (error) {
      changeTimeline(roomId, (timeline) => ({ ...timeline, isLoading: false, error }));
    }
  }

  function keep(change: (now: readonly Outgoing[]) => readonly Outgoing[]): void {
    outbox.set(change);
    const kept = outbox.get().map(({ error: _, ...outgoing }) => outgoing);
    sessionStorage.setItem(outboxKey, JSON.stringify({ userId: me(), kept }));
  }
  const changeOutgoing = (clientId: string, to: Partial<Outgoing>) =>
    keep((list) => list.map((outgoing) => (outgoing.clientId === clientId ? { ...outgoing, ...to } : outgoing)));
  const settle = (clientId: string) => {
    if (outbox.get().some((outgoing) => outgoing.clientId === clientId))
      keep((list) => list.filter((outgoing) => outgoing.clientId !== clientId));
  };

  function sendNext(): void {
    const next = findNext(outbox.get());
    if (!next) return;
    clearTimeout(retry);
    changeOutgoing(next.clientId, { state: "sending", error: undefined });
    void send(next);
    sendNext();
  }

  async function send({ clientId, roomId, text, replyToId, fileIds }: Outgoing): Promise<void> {
    try {
      const { message } = await lyceum.chat.sendMessage({ clientId, roomId, text, replyToId, fileIds: [...fileIds] });
      if (message) take(message);
      settle(clientId);
      sendNext();
    } catch (error) {
      const { code } = problemOf(error);
      const mayPass = code === "unavailable" || code === "deadline_exceeded";
      changeOutgoing(clientId, mayPass ? { state: "waiting" } : { state: "failed", error });
      clearTimeout(retry);
      if (mayPass) retry = setTimeout(sendNext, retryMs);
      else sendNext();
    }
  }

  function take(message: Message): void {
    state.set((now) => takeMessage(now, message, me()));
    void fetchSources(message);
  }

  return {
    state,
    outbox,
    drafts,
    changeDraft,
    attach(roomId, files) {
      const { attachments } = drafts.get().get(roomId) ?? emptyDraft;
      const taken = files.slice(0, maxAttachments - attachments.length);
      const keys = uploads.add(taken, "", (key, stored) =>
        changeDraft(roomId, (draft) => changeAttachment(draft, key, stored)),
      );
      const added = taken.map(({ name }, index) => ({ key: keys[index] ?? name, name }));
      changeDraft(roomId, (draft) => attach(draft, added));
    },
    start() {
      if (subscription) return;
      outbox.set(() => readOutbox(sessionStorage.getItem(outboxKey), me()));
      subscription = lyceum.subscribe({
        onResponse,
        onState(connection) {
          state.set((now) => ({ ...now, connection, ...(connection !== "live" && { online: new Set() }) }));
          if (connection === "live") sendNext();
        },
      });
      sendNext();
    },
    open(roomId) {
      const known = state.get().timelines.get(roomId);
      if (known && !known.error) return;
      state.set((now) => ({ ...now, timelines: new Map(now.timelines).set(roomId, known ?? emptyTimeline) }));
      void loadPage(roomId, {}, addPage);
    },
    loadEarlier(roomId) {
      const timeline = state.get().timelines.get(roomId);
      const beforeSeq = timeline?.messages[0]?.seq;
      if (timeline?.hasEarlier && !timeline.isLoading && beforeSeq) void loadPage(roomId, { beforeSeq }, addPage);
    },
    leave: (roomId) => changeTimeline(roomId, trimTimeline),
    refreshAll: () => void refreshAll(),
    refresh,
    drop: (roomId) => state.set((now) => dropRoom(now, roomId)),
    listen(onMessage) {
      listeners.add(onMessage);
      return () => void listeners.delete(onMessage);
    },
    send(message) {
      const outgoing: Outgoing = { ...message, clientId: makeId(), createdMs: Date.now(), state: "waiting" };
      keep((list) => [...list, outgoing]);
      toldTyping = { roomId: "", atMs: 0 };
      sendNext();
    },
    resend(clientId) {
      changeOutgoing(clientId, { state: "waiting", error: undefined });
      sendNext();
    },
    discard: settle,
    take,
    markRead(roomId, seq) {
      if (seq <= (marked.get(roomId) ?? 0n)) return;
      marked.set(roomId, seq);
      state.set((now) => markRead(now, roomId, seq));
      lyceum.chat.markRead({ roomId, seq }).catch(() => marked.delete(roomId));
    },
    tellTyping(roomId) {
      const nowMs = Date.now();
      if (toldTyping.roomId === roomId && nowMs - toldTyping.atMs < typingEveryMs) return;
      toldTyping = { roomId, atMs: nowMs };
      lyceum.chat.setTyping({ roomId }).catch(() => {});
    },
    clear() {
      subscription?.close();
      subscription = undefined;
      isFollowing = false;
      clearTimeout(retry);
      marked.clear();
      sourced.clear();
      sessionStorage.removeItem(outboxKey);
      outbox.set(() => []);
      drafts.set(() => new Map());
      state.set(() => noRooms);
    },
  };
}

/** crypto.randomUUID needs a secure context; getRandomValues does not. */
function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
