import type { Room } from "@lyceum/client";
import { Link } from "@tanstack/react-router";
import classes from "../app/side-list.module.css";
import { RoomAvatar } from "./room-avatar.tsx";
import { countUnread } from "./rooms-state.ts";
import { useRoomList, useRoomTitle } from "./use-rooms.ts";

/** The rooms for the side bar. */
export function RoomLinks() {
  const rooms = useRoomList();
  if (!rooms) return null;
  return (
    <div className={classes.list}>
      <ul className={classes.items} aria-label="Your rooms">
        {rooms.map((room) => (
          <li key={room.id}>
            <RoomLink room={room} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function RoomLink({ room }: { room: Room }) {
  const title = useRoomTitle(room);
  const unread = countUnread(room);
  return (
    <Link
      to="/rooms/$roomId"
      params={{ roomId: room.id }}
      className={classes.item}
      activeProps={{ "data-active": true }}
      data-unread={unread > 0 || undefined}
    >
      <RoomAvatar room={room} size={24} />
      <span className={classes.label}>{title}</span>
      {unread > 0 && (
        <span className={classes.count}>
          {unread > 99 ? "99+" : unread}
          <span className={classes.hidden}> unread</span>
        </span>
      )}
    </Link>
  );
}
