import { FileService, type Grant, GrantRole } from "@lyceum/client";
import { ActionIcon, Button, CopyButton, Text, Tooltip } from "@mantine/core";
import { IconLink, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { PersonAvatar } from "../people/person-avatar.tsx";
import { usePerson } from "../people/use-person.ts";
import { RoomAvatar } from "../rooms/room-avatar.tsx";
import { useRoom, useRoomTitle } from "../rooms/use-rooms.ts";
import classes from "./library.module.css";

/** Somebody's right to a file, and the way to take it back. */
export function GrantRow({ fileId, grant }: { fileId: string; grant: Grant }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const revoke = useMutation({
    mutationFn: () => lyceum.files.revokeAccess({ fileId, grantId: grant.id }),
    onSuccess: () => invalidate(FileService.method.listGrants),
  });
  const [kind = "", id = ""] = grant.principal.split(":");
  return (
    <li className={classes.grant} data-testid="grant">
      {kind === "user" && <PersonName userId={id} />}
      {kind === "room" && <RoomName roomId={id} />}
      {kind === "link" && <LinkName grant={grant} />}
      <Text size="sm" c="dimmed">
        {grant.role === GrantRole.EDITOR ? "May rename and share" : "May read"}
      </Text>
      <Tooltip label="Take back">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Take back"
          loading={revoke.isPending}
          onClick={() => revoke.mutate()}
        >
          <IconX aria-hidden size={17} />
        </ActionIcon>
      </Tooltip>
      {revoke.error && <ProblemNotice error={revoke.error} />}
    </li>
  );
}

function PersonName({ userId }: { userId: string }) {
  const person = usePerson(userId);
  return (
    <>
      <PersonAvatar userId={userId} size={30} />
      <span className={classes.what}>{person?.name ?? "…"}</span>
    </>
  );
}

function RoomName({ roomId }: { roomId: string }) {
  const room = useRoom(roomId);
  const title = useRoomTitle(room);
  return (
    <>
      {room && <RoomAvatar room={room} size={30} />}
      <span className={classes.what}>{room ? title : "A room you are not in"}</span>
    </>
  );
}

function LinkName({ grant: { url, expireTime } }: { grant: Grant }) {
  return (
    <>
      <span className={classes.icon} style={{ width: 30, height: 30 }}>
        <IconLink aria-hidden size={17} />
      </span>
      <span className={classes.what}>
        Whoever has the link{expireTime ? `, until ${formatMoment(expireTime)}` : ""}
      </span>
      <CopyButton value={url} timeout={1500}>
        {({ copied, copy }) => (
          <Button size="compact-sm" variant="default" onClick={copy} data-testid="copy-link" data-url={url}>
            {copied ? "Copied" : "Copy link"}
          </Button>
        )}
      </CopyButton>
    </>
  );
}
