import { type Room, RoomKind } from "@lyceum/client";
import { Button, Container, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDisclosure, useDocumentTitle } from "@mantine/hooks";
import { IconMessages, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useApp } from "../app/app-context.tsx";
import { count, formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { NewRoomDialog } from "./new-room-dialog.tsx";
import { RoomAvatar } from "./room-avatar.tsx";
import classes from "./rooms.module.css";
import { countUnread } from "./rooms-state.ts";
import { useRoomList, useRoomsState, useRoomTitle } from "./use-rooms.ts";

/** All rooms, the one where something happened last at the top. */
export function RoomsPage() {
  useDocumentTitle("Rooms · Lyceum");
  const { rooms } = useApp();
  const list = useRoomList();
  const error = useRoomsState((state) => state.error);
  const [making, { open, close }] = useDisclosure(false);
  return (
    <Container size="md" className={classes.page}>
      <Group justify="space-between" mb="lg" gap="sm">
        <Title order={1}>Rooms</Title>
        {list && list.length > 0 && (
          <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={open} data-testid="new-room">
            New room
          </Button>
        )}
      </Group>
      {error !== undefined && !list && <ProblemNotice error={error} onRetry={rooms.refreshAll} />}
      {!list && error === undefined && <RowSkeletons />}
      {list?.length === 0 && <Invitation onMake={open} />}
      {list && list.length > 0 && (
        <ul className={classes.list} aria-label="Your rooms">
          {list.map((room) => (
            <RoomRow key={room.id} room={room} />
          ))}
        </ul>
      )}
      <NewRoomDialog opened={making} onClose={close} />
    </Container>
  );
}

function RoomRow({ room }: { room: Room }) {
  const title = useRoomTitle(room);
  const unread = countUnread(room);
  const latest = room.lastMessageTime ?? room.createTime;
  return (
    <li>
      <Link
        to="/rooms/$roomId"
        params={{ roomId: room.id }}
        className={classes.room}
        data-unread={unread > 0 || undefined}
        data-testid="room-row"
      >
        <RoomAvatar room={room} size={42} />
        <span className={classes.what}>
          <span className={classes.name}>{title}</span>
          <Text component="span" size="sm" c="dimmed">
            {room.kind === RoomKind.DIRECT ? "Just the two of you" : count(room.memberCount, "member")}
          </Text>
        </span>
        <span className={classes.late}>
          <time title={formatMoment(latest)}>{formatAgo(latest)}</time>
          {unread > 0 && (
            <span className={classes.unread} data-testid="unread">
              {unread > 99 ? "99+" : unread}
              <span className={classes.hidden}> unread</span>
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

function RowSkeletons() {
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading your rooms">
      {[42, 56, 34].map((width) => (
        <Group key={width} gap="md" wrap="nowrap" p="sm">
          <Skeleton height={42} circle />
          <Stack gap={8} flex={1}>
            <Skeleton height={12} width={`${width}%`} />
            <Skeleton height={10} width="20%" />
          </Stack>
        </Group>
      ))}
    </Stack>
  );
}

function Invitation({ onMake }: { onMake: () => void }) {
  return (
    <div className={classes.invitation}>
      <span className={classes.medal}>
        <IconMessages aria-hidden size={34} stroke={1.3} />
      </span>
      <h2>Learn together</h2>
      <Text c="dimmed" maw={420}>
        In a room you talk, share files, and ask the assistant side by side. It answers from what everyone in the room
        may read, and shows where it found it.
      </Text>
      <Button size="md" leftSection={<IconPlus aria-hidden size={18} />} onClick={onMake} data-testid="new-room">
        Make the first room
      </Button>
    </div>
  );
}
