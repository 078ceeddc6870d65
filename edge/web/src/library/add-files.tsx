import { Button, Text } from "@mantine/core";
import { IconPlus, IconUpload } from "@tabler/icons-react";
import { useRef } from "react";
import { useApp } from "../app/app-context.tsx";
import classes from "./library.module.css";
import { SampleDocument } from "./sample-document.tsx";

/** The place to drop or choose files: an invitation while the library is empty, a strip above the list afterwards. */
export function AddFiles({ inviting, folderId }: { inviting: boolean; folderId: string }) {
  const { uploads } = useApp();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={classes.drop} data-testid="drop-zone" data-inviting={inviting || undefined}>
      {inviting && (
        <>
          <span className={classes.medal}>
            <IconUpload aria-hidden size={34} stroke={1.3} />
          </span>
          <h2 className={classes.invitation}>Drop in your first document</h2>
          <Text c="dimmed" maw={420}>
            A report, a paper, your lecture notes. Seconds later you can ask about it, and every answer shows its place
            in the source.
          </Text>
        </>
      )}
      <Button
        size={inviting ? "md" : "sm"}
        variant={inviting ? "filled" : "light"}
        leftSection={<IconPlus aria-hidden size={18} />}
        onClick={() => input.current?.click()}
      >
        {inviting ? "Choose files" : "Add files"}
      </Button>
      {inviting && <SampleDocument />}
      <Text size="sm" c="dimmed">
        {inviting
          ? "PDF, Word, PowerPoint, Excel, web pages, Markdown, text · only you can see them"
          : "or drop them anywhere"}
      </Text>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        onChange={({ currentTarget }) => {
          uploads.add(Array.from(currentTarget.files ?? []), folderId);
          // The same file may be chosen again.
          currentTarget.value = "";
        }}
      />
    </div>
  );
}
