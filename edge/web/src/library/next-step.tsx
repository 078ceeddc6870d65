import type { File } from "@lyceum/client";
import { Button } from "@mantine/core";
import { IconMessageQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useConversationList } from "../ask/use-conversation-list.ts";
import classes from "./library.module.css";

/** Points whoever has a document but has never asked to where one asks. */
export function NextStep({ file }: { file: File }) {
  const { data } = useConversationList();
  if (data?.pages[0]?.conversations.length !== 0) return null;
  return (
    <div className={classes.next} role="status" data-testid="next-step">
      <span>
        <b>{file.name}</b> can be asked about now.
      </span>
      <Button
        renderRoot={(props) => <Link to="/ask/{-$conversationId}" search={{ in: file.id }} {...props} />}
        leftSection={<IconMessageQuestion aria-hidden size={18} stroke={1.6} />}
      >
        Ask your first question
      </Button>
    </div>
  );
}
