import { type Room, RoomKind } from "@lyceum/client";
import { useCallback, useEffect, useMemo } from "react";
import { useApp } from "../app/app-context.tsx";
import { useSelected, useStore } from "../app/store.ts";
import { usePerson } from "../people/use-person.ts";
import { type Draft, emptyDraft } from "./draft.ts";
import type { RoomsState } from "./rooms-state.ts";
import { countUnread, sortRooms } from "./rooms-state.ts";

/** A part of what this tab knows of the rooms. */
export function useRoomsState<S>(select: (state: RoomsState) => S): S {
  return useSelected(useApp().rooms.state, select);
}

/** The rooms, the one with the latest message first; undefined until they are known. */
export function useRoomList(): readonly Room[] | undefined {
  const rooms = useRoomsState((state) => state.rooms);
  return useMemo(() => rooms && sortRooms(rooms), [rooms]);
}

/** How many rooms hold something unread. */
export function useUnreadRooms(): number {
  return useRoomsState(({ rooms }) => [...(rooms?.values() ?? [])].filter((room) => countUnread(room) > 0).length);
}

export function useRoom(roomId: string): Room | undefined {
  return useRoomsState(({ rooms }) => rooms?.get(roomId));
}

/** A group's title, or the other person's name. */
export function useRoomTitle(room: Room | undefined): string {
  const peer = usePerson(room?.peerId ?? "");
  if (!room) return "";
  return room.kind === RoomKind.DIRECT ? (peer?.name ?? "…") : room.title;
}

/** The titles of several rooms, by id; a direct room's is there once the other person is known. */
export function useRoomTitles(rooms: readonly Room[]): ReadonlyMap<string, string> {
  const { people } = useApp();
  const known = useStore(people.known);
  const peerIds = rooms.map(({ peerId }) => peerId).join(" ");
  useEffect(() => people.need(peerIds.split(" ")), [people, peerIds]);
  return new Map(
    rooms.map(({ id, kind, title, peerId }) => [
      id,
      kind === RoomKind.DIRECT ? (known.get(peerId)?.name ?? "…") : title,
    ]),
  );
}

/** What is being written in a room, and how to change it. */
export function useDraft(roomId: string): [Draft, (to: (draft: Draft) => Draft) => void] {
  const { rooms } = useApp();
  const draft = useSelected(rooms.drafts.byRoom, (drafts) => drafts.get(roomId) ?? emptyDraft);
  const change = useCallback((to: (draft: Draft) => Draft) => rooms.drafts.change(roomId, to), [rooms, roomId]);
  return [draft, change];
}
