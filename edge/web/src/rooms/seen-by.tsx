import { Tooltip } from "@mantine/core";
import { PersonAvatar } from "../people/person-avatar.tsx";
import { useNames } from "../people/use-person.ts";
import classes from "./rooms.module.css";

const shown = 5;

/** Who has read up to this message and no further. */
export function SeenBy({ userIds }: { userIds: readonly string[] }) {
  const names = useNames(userIds).join(", ");
  if (userIds.length === 0) return null;
  return (
    <Tooltip label={`Seen by ${names}`} openDelay={300}>
      <span className={classes.seen} role="img" aria-label={`Seen by ${names}`} data-testid="seen-by">
        {userIds.slice(0, shown).map((userId) => (
          <PersonAvatar key={userId} userId={userId} size={18} />
        ))}
        {userIds.length > shown && <span>+{userIds.length - shown}</span>}
      </span>
    </Tooltip>
  );
}
