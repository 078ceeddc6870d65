import type { Message } from "@lyceum/client";
import { Tooltip } from "@mantine/core";
import { useMe } from "../app/app-context.tsx";
import { useNames } from "../people/use-person.ts";
import classes from "./rooms.module.css";
import { useReact } from "./use-react.ts";

/** What people reacted with; a press adds one's own, or takes it away. */
export function Reactions({ message }: { message: Message }) {
  if (message.reactions.length === 0) return null;
  return (
    <div className={classes.reactions}>
      {message.reactions.map(({ emoji, userIds }) => (
        <Chip key={emoji} message={message} emoji={emoji} userIds={userIds} />
      ))}
    </div>
  );
}

function Chip({ message, emoji, userIds }: { message: Message; emoji: string; userIds: readonly string[] }) {
  const me = useMe();
  const react = useReact(message);
  const isMine = userIds.includes(me);
  const names = useNames(userIds).join(", ");
  return (
    <Tooltip label={names} disabled={names === ""} openDelay={300}>
      <button
        type="button"
        className={classes.reaction}
        aria-pressed={isMine}
        aria-label={`${emoji} ${userIds.length}, from ${names}`}
        onClick={() => react(emoji, isMine)}
        data-testid="reaction"
      >
        <span aria-hidden>{emoji}</span>
        <span>{userIds.length}</span>
      </button>
    </Tooltip>
  );
}
