import { ActionIcon, Progress } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useApp } from "../app/app-context.tsx";
import { useStore } from "../app/store.ts";
import { FileIcon } from "../library/file-icon.tsx";
import { type Attachment, changeAttachment } from "./draft.ts";
import classes from "./rooms.module.css";

/** What will be sent along, some of it on its way to the library still. */
export function AttachmentChips({ roomId, attachments }: { roomId: string; attachments: readonly Attachment[] }) {
  if (attachments.length === 0) return null;
  return (
    <ul className={classes.chips} aria-label="To be attached">
      {attachments.map((attachment) => (
        <Chip key={attachment.key} roomId={roomId} attachment={attachment} />
      ))}
    </ul>
  );
}

function Chip({ roomId, attachment: { key, name, file } }: { roomId: string; attachment: Attachment }) {
  const { rooms, uploads } = useApp();
  const upload = useStore(uploads.list).find((other) => other.key === key);
  const isFailed = !file && (!upload || upload.state === "failed");
  return (
    <li className={classes.chip} data-failed={isFailed || undefined} data-testid="attachment-chip">
      <FileIcon mediaType={file?.mediaType ?? upload?.mediaType ?? ""} name={name} size={16} />
      <span className={classes.fileName}>{isFailed ? `${name} could not be uploaded` : name}</span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Don't attach ${name}`}
        onClick={() => {
          if (!file) uploads.forget(key);
          rooms.drafts.change(roomId, (draft) => changeAttachment(draft, key, undefined));
        }}
      >
        <IconX aria-hidden size={14} />
      </ActionIcon>
      {!file && !isFailed && (
        <Progress
          className={classes.chipBar ?? ""}
          value={(upload?.share ?? 0) * 100}
          size={2}
          color="var(--accent)"
          aria-label={`Upload of ${name}`}
        />
      )}
    </li>
  );
}
