import { Button, Center, Container, Loader, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useApp } from "../app/app-context.tsx";
import { NotFoundPage } from "../app/not-found-page.tsx";
import { Composer } from "./composer.tsx";
import { ConnectionLine } from "./connection-line.tsx";
import { MessageList } from "./message-list.tsx";
import { RoomHeader } from "./room-header.tsx";
import classes from "./rooms.module.css";
import { TypingLine } from "./typing-line.tsx";
import { useRoom, useRoomsState, useRoomTitle } from "./use-rooms.ts";

/** One room: what was said, and the place to say more. */
export function RoomPage() {
  const { roomId } = useParams({ from: "/rooms/$roomId" });
  return <OpenRoom key={roomId} roomId={roomId} />;
}

function OpenRoom({ roomId }: { roomId: string }) {
  const { rooms } = useApp();
  const room = useRoom(roomId);
  const title = useRoomTitle(room);
  const isKnown = useRoomsState((state) => state.rooms !== undefined);
  useDocumentTitle(title ? `${title} · Lyceum` : "Room · Lyceum");
  const isMember = room !== undefined;
  const wasMember = useRef(false);
  wasMember.current ||= isMember;
  useEffect(() => {
    if (!isMember) return;
    rooms.open(roomId);
    return () => rooms.leave(roomId);
  }, [rooms, roomId, isMember]);
  if (!room) {
    if (wasMember.current) return <NoLonger />;
    if (isKnown) return <NotFoundPage />;
    return (
      <Center h="100%">
        <Loader aria-label="Opening the room" />
      </Center>
    );
  }
  return (
    <div className={classes.open}>
      <RoomHeader room={room} title={title} />
      <ConnectionLine />
      <MessageList room={room} />
      <div className={classes.dock}>
        <TypingLine roomId={roomId} />
        <Composer room={room} title={title} />
      </div>
    </div>
  );
}

/** For whoever was here a moment ago. */
function NoLonger() {
  return (
    <Container size="xs" py={96} ta="center">
      <Title order={1}>You are no longer in this room</Title>
      <Text c="dimmed" my="md">
        You were removed from it, or it was deleted. What only this room let you read is out of your reach.
      </Text>
      <Button component={Link} to="/rooms" variant="light">
        To your rooms
      </Button>
    </Container>
  );
}
