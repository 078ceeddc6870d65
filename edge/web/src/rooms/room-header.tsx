import { type Room, RoomKind } from "@lyceum/client";
import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowLeft, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { count } from "../app/format.ts";
import { RoomAvatar } from "./room-avatar.tsx";
import { RoomDialog } from "./room-dialog.tsx";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** Which room this is, who is there, and the way to change that. */
export function RoomHeader({ room, title }: { room: Room; title: string }) {
  const [opened, { open, close }] = useDisclosure(false);
  const isOnline = useRoomsState((state) => state.online.has(room.peerId));
  const isGroup = room.kind === RoomKind.GROUP;
  return (
    <header className={classes.header}>
      <ActionIcon
        component={Link}
        to="/rooms"
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="All rooms"
        className={classes.back ?? ""}
      >
        <IconArrowLeft aria-hidden size={20} />
      </ActionIcon>
      <RoomAvatar room={room} size={36} />
      <div className={classes.heading}>
        <h1 title={title}>{title}</h1>
        <Text size="xs" c="dimmed">
          {isGroup ? count(room.memberCount, "member") : isOnline ? "Here now" : "Just the two of you"}
        </Text>
      </div>
      <Tooltip label="Members and settings">
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconUsers aria-hidden size={17} stroke={1.6} />}
          onClick={open}
          aria-label={`${count(room.memberCount, "member")}, settings`}
          data-testid="members"
        >
          {room.memberCount}
        </Button>
      </Tooltip>
      <RoomDialog room={room} title={title} opened={opened} onClose={close} />
    </header>
  );
}
