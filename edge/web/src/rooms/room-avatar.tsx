import { type Room, RoomKind } from "@lyceum/client";
import { IconUsers } from "@tabler/icons-react";
import { PersonAvatar } from "../people/person-avatar.tsx";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** The other person of a direct room, or the mark of a group. */
export function RoomAvatar({ room, size = 36 }: { room: Room; size?: number }) {
  const online = useRoomsState((state) => state.online.has(room.peerId));
  if (room.kind === RoomKind.DIRECT) return <PersonAvatar userId={room.peerId} size={size} online={online} />;
  return (
    <span className={classes.group} style={{ width: size, height: size }} aria-hidden>
      <IconUsers size={size * 0.55} stroke={1.6} />
    </span>
  );
}
