import { useInfiniteQuery } from "@connectrpc/connect-query";
import { type File, RagService } from "@lyceum/client";
import { Button } from "@mantine/core";
import { IconMessageQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./library.module.css";

/** Points whoever has a document but has never asked to where one asks. */
export function NextStep({ file }: { file: File }) {
  // The same question as the list of conversations puts.
  const { data } = useInfiniteQuery(
    RagService.method.listConversations,
    { pageSize: 30, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
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
