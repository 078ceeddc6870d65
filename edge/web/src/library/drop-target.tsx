import { FileService, problemOf } from "@lyceum/client";
import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUpload } from "@tabler/icons-react";
import { useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { count } from "../app/format.ts";
import { useInvalidate } from "../app/use-invalidate.ts";
import { useRoom, useRoomTitle } from "../rooms/use-rooms.ts";
import { addFolders } from "./add-folders.ts";
import classes from "./library.module.css";
import { readLibrarySearch } from "./library-search.ts";
import { type Dropped, readDropped } from "./read-dropped.ts";

/** Takes files and folders dropped anywhere, and files pasted: into the room or the folder one is in, else into the library. */
export function DropTarget() {
  const { roomId } = useParams({ strict: false });
  const title = useRoomTitle(useRoom(roomId ?? ""));
  const take = useTake(roomId);
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
        take(readDropped(event.dataTransfer));
      },
      paste: (event: ClipboardEvent) => {
        const files = [...(event.clipboardData?.files ?? [])];
        const types = event.clipboardData?.types ?? [];
        // Cells and formatted words come with a picture of themselves; a file with its name, a picture with its address.
        if (files.length === 0 || (types.includes("text/plain") && types.includes("text/html"))) return;
        event.preventDefault();
        take(Promise.resolve(files.map((file) => ({ file, path: [] }))));
      },
    };
    for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener as EventListener);
    return () => {
      for (const [type, listener] of Object.entries(listeners)) removeEventListener(type, listener as EventListener);
    };
  }, [take]);
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

/** Where what is dropped or pasted goes. Whoever is about to ask stays there. */
function useTake(roomId: string | undefined): (dropped: Promise<readonly Dropped[]>) => void {
  const { lyceum, uploads, rooms } = useApp();
  const navigate = useNavigate();
  const invalidate = useInvalidate();
  const { folder = "" } = readLibrarySearch(useSearch({ strict: false }));
  const isAsking = useLocation({ select: ({ pathname }) => pathname.startsWith("/ask") });
  return useCallback(
    (dropped) => {
      const take = async () => {
        const all = await dropped;
        if (all.length === 0) return;
        if (roomId) {
          rooms.drafts.attach(
            roomId,
            all.map(({ file }) => file),
          );
          return;
        }
        const makeFolder = async (name: string, parentId: string) =>
          (await lyceum.files.createFolder({ name, parentId })).folder?.id ?? "";
        for (const [folderId, files] of await addFolders(all, folder, makeFolder)) uploads.add(files, folderId);
        if (all.some(({ path }) => path.length > 0)) await invalidate(FileService.method.listFolders);
        if (isAsking)
          notifications.show({ color: "gray", message: `${count(all.length, "file")} on the way to your library.` });
        else await navigate({ to: "/", search: folder ? { folder } : {} });
      };
      take().catch((error) => notifications.show({ color: "red", message: problemOf(error).message }));
    },
    [lyceum, uploads, rooms, navigate, invalidate, roomId, folder, isAsking],
  );
}
