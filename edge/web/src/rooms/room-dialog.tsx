import { useMutation } from "@connectrpc/connect-query";
import { ChatService, type Member, MemberRole, type Room, RoomKind } from "@lyceum/client";
import { ActionIcon, Badge, Button, Group, Menu, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useApp, useMe } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { PeoplePicker } from "../people/people-picker.tsx";
import { PersonAvatar } from "../people/person-avatar.tsx";
import classes from "./rooms.module.css";
import { useMembers } from "./use-members.ts";
import { useRoomsState } from "./use-rooms.ts";

type Props = { room: Room; title: string; opened: boolean; onClose: () => void };

/** Who belongs to a room, and what its owners may change. */
export function RoomDialog({ room, title, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ "aria-label": "Close" }}>
      <Contents room={room} onClose={onClose} />
    </Modal>
  );
}

function Contents({ room, onClose }: { room: Room; onClose: () => void }) {
  const { members, error, refetch, isPending } = useMembers(room.id);
  const isOwner = room.role === MemberRole.OWNER;
  const isGroup = room.kind === RoomKind.GROUP;
  return (
    <Stack gap="lg">
      {isGroup && isOwner && <TitleForm room={room} />}
      {isGroup && isOwner && <AddForm room={room} members={members} />}
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {isPending && !error && <Skeleton height={120} />}
      <ul className={classes.members} aria-label="Members">
        {members.map((member) => (
          <MemberRow key={member.userId} member={member} room={room} />
        ))}
      </ul>
      {isGroup && <Leave room={room} onLeft={onClose} />}
    </Stack>
  );
}

function TitleForm({ room }: { room: Room }) {
  const { rooms } = useApp();
  const [title, setTitle] = useState(room.title);
  const rename = useMutation(ChatService.method.updateRoom, { onSuccess: () => rooms.refresh(room.id) });
  const isChanged = title.trim() !== "" && title.trim() !== room.title;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) rename.mutate({ roomId: room.id, title: title.trim() });
      }}
    >
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label="Title"
          flex={1}
          maxLength={120}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!isChanged} loading={rename.isPending}>
          Rename
        </Button>
      </Group>
      {rename.error && <ProblemNotice error={rename.error} />}
    </form>
  );
}

function AddForm({ room, members }: { room: Room; members: readonly Member[] }) {
  const { rooms } = useApp();
  const invalidate = useInvalidate();
  const [userIds, setUserIds] = useState<readonly string[]>([]);
  const add = useMutation(ChatService.method.addMembers, {
    async onSuccess() {
      setUserIds([]);
      await Promise.all([invalidate(ChatService.method.listMembers), rooms.refresh(room.id)]);
    },
  });
  return (
    <Stack gap="xs">
      <PeoplePicker
        label="Add people"
        most={250}
        userIds={userIds}
        onChange={setUserIds}
        except={members.map(({ userId }) => userId)}
      />
      {add.error && <ProblemNotice error={add.error} />}
      {userIds.length > 0 && (
        <Button
          loading={add.isPending}
          onClick={() => add.mutate({ roomId: room.id, userIds: [...userIds], role: MemberRole.MEMBER })}
          data-testid="add-members"
        >
          Add to the room
        </Button>
      )}
    </Stack>
  );
}

function MemberRow({ member, room }: { member: Member; room: Room }) {
  const { rooms } = useApp();
  const me = useMe();
  const invalidate = useInvalidate();
  const isOnline = useRoomsState((state) => state.online.has(member.userId));
  const onSuccess = () =>
    Promise.all([invalidate(ChatService.method.listMembers), rooms.refresh(room.id)]).then(() => undefined);
  const remove = useMutation(ChatService.method.removeMember, { onSuccess });
  const promote = useMutation(ChatService.method.addMembers, { onSuccess });
  const isOwner = member.role === MemberRole.OWNER;
  const mayChange = room.kind === RoomKind.GROUP && room.role === MemberRole.OWNER && member.userId !== me;
  return (
    <li className={classes.member} data-testid="member">
      <PersonAvatar userId={member.userId} online={isOnline} />
      <div className={classes.what}>
        <Text truncate>
          {member.displayName}
          {member.userId === me && " (you)"}
        </Text>
        {(remove.error ?? promote.error) && <ProblemNotice error={remove.error ?? promote.error} />}
      </div>
      {isOwner && (
        <Badge variant="light" tt="none" fw={500}>
          Owner
        </Badge>
      )}
      {mayChange && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Actions for ${member.displayName}`}
              loading={remove.isPending || promote.isPending}
            >
              <IconDots aria-hidden size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              onClick={() =>
                promote.mutate({
                  roomId: room.id,
                  userIds: [member.userId],
                  role: isOwner ? MemberRole.MEMBER : MemberRole.OWNER,
                })
              }
            >
              {isOwner ? "Make a member" : "Make an owner"}
            </Menu.Item>
            <Menu.Item c="var(--danger)" onClick={() => remove.mutate({ roomId: room.id, userId: member.userId })}>
              Remove from the room
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}

function Leave({ room, onLeft }: { room: Room; onLeft: () => void }) {
  const { rooms } = useApp();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"leave" | "delete">();
  const onSuccess = async () => {
    onLeft();
    await navigate({ to: "/rooms" });
    rooms.drop(room.id);
  };
  const leave = useMutation(ChatService.method.removeMember, { onSuccess });
  const remove = useMutation(ChatService.method.deleteRoom, { onSuccess });
  const isDeleting = asking === "delete";
  if (!asking) {
    return (
      <Group>
        <Button variant="default" onClick={() => setAsking("leave")}>
          Leave the room
        </Button>
        {room.role === MemberRole.OWNER && (
          <Button variant="subtle" color="red.9" c="var(--danger)" onClick={() => setAsking("delete")}>
            Delete the room
          </Button>
        )}
      </Group>
    );
  }
  return (
    <Stack gap="sm">
      <Text>
        {isDeleting
          ? "The room and everything said in it go for everyone. Files that were shared here stay with their owners."
          : "You will no longer see the room, nor what only it let you read."}
      </Text>
      {(leave.error ?? remove.error) && <ProblemNotice error={leave.error ?? remove.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => setAsking(undefined)}>
          Stay
        </Button>
        <Button
          color="red.9"
          loading={leave.isPending || remove.isPending}
          onClick={() =>
            isDeleting ? remove.mutate({ roomId: room.id }) : leave.mutate({ roomId: room.id, userId: "me" })
          }
        >
          {isDeleting ? "Delete for everyone" : "Leave"}
        </Button>
      </Group>
    </Stack>
  );
}
