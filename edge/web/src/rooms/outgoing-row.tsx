import { problemOf } from "@lyceum/client";
import { Button, Group, Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useApp, useMe } from "../app/app-context.tsx";
import { count } from "../app/format.ts";
import { Markdown } from "../markdown/markdown.tsx";
import { PersonAvatar } from "../people/person-avatar.tsx";
import { usePerson } from "../people/use-person.ts";
import type { Outgoing } from "./outbox.ts";
import classes from "./rooms.module.css";

/** A message of one's own that has not arrived yet. */
export function OutgoingRow({ outgoing: { clientId, text, fileIds, state, error } }: { outgoing: Outgoing }) {
  const { rooms } = useApp();
  const me = useMe();
  const name = usePerson(me)?.name;
  const failed = state === "failed";
  return (
    <li className={classes.message} data-pending={!failed || undefined} data-first data-testid="outgoing">
      <PersonAvatar userId={me} />
      <div className={classes.body}>
        <div className={classes.head}>
          <span className={classes.sender}>{name}</span>
          {!failed && (
            <span className={classes.time}>
              <IconClock aria-hidden size={13} /> Sending
            </span>
          )}
        </div>
        <Markdown text={text} />
        {fileIds.length > 0 && (
          <Text size="sm" c="dimmed">
            with {count(fileIds.length, "file")}
          </Text>
        )}
        {failed && (
          <div role="alert">
            <Text size="sm" c="var(--danger)">
              Not sent. {error === undefined ? "" : problemOf(error).message}
            </Text>
            <Group gap="xs" mt={4}>
              <Button size="compact-sm" variant="default" onClick={() => rooms.outbox.resend(clientId)}>
                Send again
              </Button>
              <Button size="compact-sm" variant="subtle" color="gray" onClick={() => rooms.outbox.settle(clientId)}>
                Discard
              </Button>
            </Group>
          </div>
        )}
      </div>
    </li>
  );
}
