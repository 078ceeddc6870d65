import type { Message, Room } from "@lyceum/client";
import { Button, Center, Loader, Text } from "@mantine/core";
import { useDocumentVisibility } from "@mantine/hooks";
import { IconArrowDown } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useApp, useMe } from "../app/app-context.tsx";
import { count } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useStore } from "../app/store.ts";
import { MessageRow } from "./message-row.tsx";
import { NoticeRow } from "./notice-row.tsx";
import { OutgoingRow } from "./outgoing-row.tsx";
import classes from "./rooms.module.css";
import { countUnread } from "./rooms-state.ts";
import { emptyTimeline } from "./timeline.ts";
import { type Entry, toEntries, type Unread } from "./to-entries.ts";
import { useAnchoredScroll } from "./use-anchored-scroll.ts";
import { useFreshMembers, useMembers } from "./use-members.ts";
import { useRoomsState } from "./use-rooms.ts";

/** Earlier messages are fetched before one comes to their place. */
const nearPx = 600;

/** What was said in a room, the latest at the bottom; earlier messages come as one scrolls up. */
export function MessageList({ room }: { room: Room }) {
  const { rooms } = useApp();
  const me = useMe();
  const timeline = useRoomsState((state) => state.timelines.get(room.id)) ?? emptyTimeline;
  const outbox = useStore(rooms.outbox.list);
  const outgoing = useMemo(() => outbox.filter(({ roomId }) => roomId === room.id), [outbox, room.id]);
  const { messages, hasEarlier, isLoading, error } = timeline;
  const unread = useUnread(room);
  const entries = useMemo(() => toEntries(messages, me, unread), [messages, me, unread]);
  const { scroller, content, isAtEnd, toEnd, look } = useAnchoredScroll(timeline);
  const loadEarlier = () => {
    const isNear = scroller.current && scroller.current.scrollTop < nearPx;
    if (isNear && messages.length > 0 && error === undefined) rooms.loadEarlier(room.id);
  };
  useEffect(loadEarlier);
  const seen = useSeen(room, messages);
  useMarkRead(room, messages, isAtEnd);
  useShowOwn(outgoing.length, toEnd);
  const move = useArrowKeys(scroller);
  const fresh = countUnread(room);

  return (
    <div className={classes.frame}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move among the messages, which take the focus */}
      <div
        ref={scroller}
        className={classes.scroller}
        onScroll={() => {
          look();
          loadEarlier();
        }}
        onKeyDown={move}
        data-testid="messages"
      >
        <div ref={content} className={classes.content}>
          {hasEarlier && messages.length > 0 && (
            <Center h={44}>
              <Button variant="subtle" size="compact-sm" loading={isLoading} onClick={() => rooms.loadEarlier(room.id)}>
                {error === undefined ? "Earlier messages" : "Try again to load earlier messages"}
              </Button>
            </Center>
          )}
          {messages.length === 0 && isLoading && (
            <Center py={80}>
              <Loader aria-label="Loading the messages" />
            </Center>
          )}
          {messages.length === 0 && error !== undefined && (
            <ProblemNotice error={error} onRetry={() => rooms.open(room.id)} />
          )}
          <ol className={classes.messages} aria-label="Messages">
            {entries.map((entry) => (
              <Line key={entry.key} entry={entry} room={room} seen={seen} isLast={entry === entries.at(-1)} />
            ))}
            {outgoing.map((message) => (
              <OutgoingRow key={message.clientId} outgoing={message} />
            ))}
          </ol>
        </div>
      </div>
      {!isAtEnd && (
        <Button
          className={classes.latest ?? ""}
          size="compact-md"
          radius="xl"
          leftSection={<IconArrowDown aria-hidden size={16} />}
          onClick={toEnd}
        >
          {fresh > 0 ? `${count(fresh, "new message")} below` : "To the latest"}
        </Button>
      )}
      <NewMessage latest={messages.at(-1)} />
    </div>
  );
}

type LineProps = {
  entry: Entry;
  room: Room;
  seen: ReadonlyMap<bigint, readonly string[]>;
  isLast: boolean;
};

function Line({ entry, room, seen, isLast }: LineProps) {
  switch (entry.kind) {
    case "day":
      return (
        <li className={classes.day}>
          <span>{sayDay(entry.date)}</span>
        </li>
      );
    case "unread":
      return (
        <li className={classes.fresh} data-fresh data-testid="unread-line">
          <span>New</span>
        </li>
      );
    case "notice":
      return <NoticeRow message={entry.message} />;
    case "message": {
      const { message, isFirst } = entry;
      const seenBy = seen.get(message.seq) ?? nobody;
      return <MessageRow message={message} room={room} isFirst={isFirst} isLast={isLast} seenBy={seenBy} />;
    }
  }
}

function sayDay(date: Date): string {
  const days = Math.round((startOf(new Date()) - startOf(date)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  return date.toLocaleDateString(undefined, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(!isThisYear && { year: "numeric" }),
  });
}

function startOf(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** What was unread on coming in: the line before it stays while one is here. */
function useUnread({ readSeq, lastSeq }: Room): Unread | undefined {
  const [unread] = useState(() => (lastSeq > readSeq ? { after: readSeq, upTo: lastSeq } : undefined));
  return unread;
}

const nobody: readonly string[] = [];

/** Who of the others has read how far, by the last message they have read; whoever wrote one has read it, and needs no mark. */
function useSeen({ id }: Room, messages: readonly Message[]): ReadonlyMap<bigint, readonly string[]> {
  const me = useMe();
  useFreshMembers(id);
  const { members } = useMembers(id);
  return useMemo(() => {
    const written = new Map(messages.map(({ senderId, seq }) => [senderId, seq]));
    const others = members.filter(
      ({ userId, readSeq }) => userId !== me && readSeq > 0n && readSeq > (written.get(userId) ?? 0n),
    );
    const groups = Map.groupBy(others, ({ readSeq }) => readSeq);
    return new Map([...groups].map(([seq, group]) => [seq, group.map(({ userId }) => userId)]));
  }, [members, messages, me]);
}

/** Counts what is in view of a person who looks as read. */
function useMarkRead(room: Room, messages: readonly Message[], isAtEnd: boolean): void {
  const { rooms } = useApp();
  const isVisible = useDocumentVisibility() === "visible";
  const latest = messages.at(-1)?.seq ?? 0n;
  useEffect(() => {
    if (!isAtEnd || !isVisible || latest <= room.readSeq) return;
    const timer = setTimeout(() => rooms.markRead(room.id, latest), 250);
    return () => clearTimeout(timer);
  }, [rooms, room.id, room.readSeq, latest, isAtEnd, isVisible]);
}

/** Whatever one sends is shown, wherever one was reading. */
function useShowOwn(waiting: number, toEnd: () => void): void {
  const before = useRef(waiting);
  useEffect(() => {
    if (waiting > before.current) toEnd();
    before.current = waiting;
  }, [waiting, toEnd]);
}

/** Up and down move the focus from message to message. */
function useArrowKeys(scroller: React.RefObject<HTMLDivElement | null>) {
  return (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = document.activeElement?.closest("[data-line]");
    if (!step || !row || document.activeElement !== row) return;
    const rows = [...(scroller.current?.querySelectorAll<HTMLElement>("li[data-line][tabindex]") ?? [])];
    const next = rows[rows.indexOf(row as HTMLElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
}

/** Reads a message aloud that has just come from someone else. */
function NewMessage({ latest }: { latest: Message | undefined }) {
  const me = useMe();
  const [first] = useState(latest?.seq ?? 0n);
  const isNew = latest && latest.seq > first && first > 0n && latest.senderId !== me;
  return (
    <Text className={classes.hidden} role="status">
      {isNew ? latest.text.slice(0, 300) : ""}
    </Text>
  );
}
