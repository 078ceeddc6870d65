import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUpload } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { useRoom, useRoomTitle } from "../rooms/use-rooms.ts";
import classes from "./library.module.css";
import { readLibrarySearch } from "./library-search.ts";

/** Takes files dropped anywhere in the window: into the room or the folder one is in, else into the library. */
export function DropTarget() {
  const { uploads, rooms } = useApp();
  const navigate = useNavigate();
  const { roomId } = useParams({ strict: false });
  const { folder } = readLibrarySearch(useSearch({ strict: false }));
  const title = useRoomTitle(useRoom(roomId ?? ""));
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Every element under the pointer sends its own enter and leave.
    let depth = 0;
    const listeners = {
      dragenter: (event: DragEvent) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        depth += 1;
        setOver(true);
      },
      dragover: (event: DragEvent) => {
        if (holdsFiles(event)) event.preventDefault();
      },
      dragleave: () => {
        depth = Math.max(0, depth - 1);
        if (depth === 0) setOver(false);
      },
      drop: (event: DragEvent) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        const files = readFiles(event.dataTransfer);
        if (files.length > 0 && roomId) rooms.drafts.attach(roomId, files);
        else if (files.length > 0) {
          uploads.add(files, folder);
          void navigate({ to: "/", search: folder ? { folder } : {} });
        } else {
          notifications.show({ message: "Folders can't be added yet. Drop the files inside.", color: "gray" });
        }
      },
    };
    for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener as EventListener);
    return () => {
      for (const [type, listener] of Object.entries(listeners)) removeEventListener(type, listener as EventListener);
    };
  }, [uploads, rooms, navigate, roomId, folder]);
  if (!over) return null;
  return (
    <div className={classes.curtain}>
      <IconUpload aria-hidden size={48} stroke={1.3} />
      <Text className="serif" fz={28}>
        {roomId ? `Drop to share with ${title}` : "Drop to add to your library"}
      </Text>
    </div>
  );
}

const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** The dropped files; folders look like files of their own and are left out. */
function readFiles(transfer: DataTransfer | null): File[] {
  return Array.from(transfer?.items ?? [])
    .filter((item) => item.kind === "file" && item.webkitGetAsEntry()?.isDirectory !== true)
    .flatMap((item) => item.getAsFile() ?? []);
}
