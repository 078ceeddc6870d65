import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "../app/side-list.module.css";
import { ConversationList } from "./conversation-list.tsx";

/** The conversations for the side bar, and the way to a new one. */
export function ConversationLinks() {
  return (
    <div className={classes.list}>
      <Link
        to="/ask/{-$conversationId}"
        params={{ conversationId: undefined }}
        className={classes.item}
        activeProps={{ "data-active": true }}
        activeOptions={{ exact: true, includeSearch: false }}
      >
        <IconPlus aria-hidden size={16} stroke={1.6} />
        <span className={classes.label}>New question</span>
      </Link>
      <ConversationList />
    </div>
  );
}
