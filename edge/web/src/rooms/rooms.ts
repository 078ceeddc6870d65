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
import { createDrafts, type Drafts } from "./create-drafts.ts";
import { createOutbox, type Outbox } from "./create-outbox.ts";
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
  readonly outbox: Outbox;
  readonly drafts: Drafts;
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
  /** Takes a message that a call answered. */
  take(message: Message): void;
  /** Tells of each message that comes in, until the returned function is called. */
  listen(onMessage: (message: Message) => void): () => void;
  markRead(roomId: string, seq: bigint): void;
  /** Tells the others that one is writing, now and then. */
  tellTyping(roomId: string): void;
  clear(): void;
};

const pageSize = 50;
/** Less than others show it, so that it does not flicker. */
const typingEveryMs = 3_000;

export function createRooms(lyceum: Lyceum, uploads: Uploads): Rooms {
  const state = createStore(noRooms);
  const drafts = createDrafts(uploads);
  const outbox = createOutbox(lyceum, take);
  const listeners = new Set<(message: Message) => void>();
  const fetching = new Set<string>();
  const stale = new Set<string>();
  const sourced = new Set<string>();
  const marked = new Map<string, bigint>();
  let subscription: Subscription | undefined;
  let isFollowing = false;
  let toldTyping = { roomId: "", atMs: 0 };

  const me = () => lyceum.session.current()?.userId ?? "";
  const changeTimeline = (roomId: string, to: (timeline: Timeline) => Timeline) =>
    state.set((now) => {
      const timeline = now.timelines.get(roomId);
      return timeline ? { ...now, timelines: new Map(now.timelines).set(roomId, to(timeline)) } : now;
    });

  function onResponse(response: SubscribeResponse): void {
    const { event } = response;
    state.set((now) => takeResponse(now, response, me(), Date.now()));
    switch (event.case) {
      case "ready":
        // What happened before one followed is only known from what is fetched afterwards.
        if (!isFollowing || state.get().error !== undefined) void refreshAll();
        else fetchFailed();
        isFollowing = true;
        break;
      case "reset":
        void refreshAll();
        break;
      case "message":
        if (event.value.senderId === me()) outbox.settle(event.value.clientId);
        if (!state.get().rooms?.has(event.value.roomId)) void refresh(event.value.roomId);
        for (const listener of listeners) listener(event.value);
        break;
      case "messageEdited":
        void fetchSources(event.value);
        break;
      case "membership":
        if (!event.value.removed || event.value.userId !== me()) void refresh(event.value.roomId);
        break;
      case "typing":
        setTimeout(() => state.set((now) => forgetTyping(now, Date.now())), typingMs + 50);
        break;
    }
  }

  /** Fetches the rooms, and the latest page of those that are open, without what is known. */
  async function refreshAll(): Promise<void> {
    try {
      const rooms = await listRooms(lyceum);
      state.set((now) => {
        const left = [...(now.rooms?.keys() ?? [])].filter((id) => !rooms.some((room) => room.id === id));
        const { error: _, ...kept } = left.reduce(dropRoom, { ...now, rooms: now.rooms ?? new Map() });
        return rooms.reduce(setRoom, kept);
      });
    } catch (error) {
      state.set((now) => ({ ...now, error }));
    }
    for (const roomId of state.get().timelines.keys()) void loadPage(roomId, {}, replaceMessages);
  }

  /** Fetches again what did not arrive while the connection was gone. */
  function fetchFailed(): void {
    for (const [roomId, { error }] of state.get().timelines)
      if (error !== undefined) void loadPage(roomId, {}, addPage);
  }

  async function refresh(roomId: string): Promise<void> {
    // What is on its way may be older than what was just heard of.
    if (fetching.has(roomId)) return void stale.add(roomId);
    fetching.add(roomId);
    try {
      const { room } = await lyceum.chat.getRoom({ roomId });
      if (room) state.set((now) => setRoom(now, room));
    } catch (error) {
      if (problemOf(error).code === "not_found") state.set((now) => dropRoom(now, roomId));
    } finally {
      fetching.delete(roomId);
      if (stale.delete(roomId)) void refresh(roomId);
    }
  }

  async function loadPage(
    roomId: string,
    bounds: { beforeSeq?: bigint },
    add: (timeline: Timeline, page: readonly Message[], hasMore: boolean) => Timeline,
  ): Promise<void> {
    changeTimeline(roomId, ({ error: _, ...timeline }) => ({ ...timeline, isLoading: true }));
    try {
      const page = await lyceum.chat.listMessages({ roomId, pageSize, ...bounds });
      changeTimeline(roomId, (timeline) => add(timeline, page.messages, page.hasMore));
    } catch (error) {
      changeTimeline(roomId, (timeline) => ({ ...timeline, isLoading: false, error }));
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

  function take(message: Message): void {
    state.set((now) => takeMessage(now, message, me()));
    void fetchSources(message);
  }

  return {
    state,
    outbox,
    drafts,
    start() {
      if (subscription) return;
      subscription = lyceum.subscribe({
        onResponse,
        onState(connection) {
          state.set((now) => ({ ...now, connection, ...(connection !== "live" && { online: new Set() }) }));
          if (connection === "live") outbox.sendNext();
        },
      });
      outbox.start();
      // The connection itself may have outlived a short loss that calls did not.
      addEventListener("online", fetchFailed);
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
    take,
    listen(onMessage) {
      listeners.add(onMessage);
      return () => void listeners.delete(onMessage);
    },
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
      removeEventListener("online", fetchFailed);
      subscription?.close();
      subscription = undefined;
      isFollowing = false;
      marked.clear();
      sourced.clear();
      outbox.clear();
      drafts.clear();
      state.set(() => noRooms);
    },
  };
}

async function listRooms(lyceum: Lyceum): Promise<Room[]> {
  const rooms: Room[] = [];
  let pageToken = "";
  do {
    const page = await lyceum.chat.listRooms({ pageSize: 250, pageToken });
    rooms.push(...page.rooms);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return rooms;
}
