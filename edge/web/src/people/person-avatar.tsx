import { Avatar } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import classes from "./people.module.css";
import { assistantId } from "./people.ts";
import { usePerson } from "./use-person.ts";
import { usePicture } from "./use-picture.ts";

/** Somebody's picture or initials; the name always stands beside it. */
export function PersonAvatar({ userId, size = 36, online }: { userId: string; size?: number; online?: boolean }) {
  const person = usePerson(userId);
  const picture = usePicture(person?.avatarUrl ?? "");
  if (userId === assistantId) {
    return (
      <span className={classes.assistant} style={{ width: size, height: size }} aria-hidden>
        <IconSparkles size={size * 0.56} stroke={1.6} />
      </span>
    );
  }
  return (
    <span className={classes.avatar} aria-hidden data-online={online || undefined}>
      <Avatar
        src={picture ?? null}
        name={person?.name ?? ""}
        color="initials"
        allowedInitialsColors={hues}
        size={size}
      />
    </span>
  );
}

const hues = ["laurel", "blue", "grape", "orange", "cyan", "pink", "indigo"];
