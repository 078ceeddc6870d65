import { useMutation } from "@connectrpc/connect-query";
import { ChatService, RoomKind } from "@lyceum/client";
import { Button, Group, Modal, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { PeoplePicker } from "../people/people-picker.tsx";

type Props = { opened: boolean; onClose: () => void };

/** Makes a group with a title, or opens the room of two people. */
export function NewRoomDialog({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New room" centered closeButtonProps={{ "aria-label": "Close" }}>
      <Form onClose={onClose} />
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { rooms } = useApp();
  const navigate = useNavigate();
  const [kind, setKind] = useState<RoomKind>(RoomKind.GROUP);
  const [title, setTitle] = useState("");
  const [memberIds, setMemberIds] = useState<readonly string[]>([]);
  const isGroup = kind === RoomKind.GROUP;
  const make = useMutation(ChatService.method.createRoom, {
    async onSuccess({ room }) {
      if (!room) return;
      await rooms.refresh(room.id);
      onClose();
      await navigate({ to: "/rooms/$roomId", params: { roomId: room.id } });
    },
  });
  const isReady = isGroup ? title.trim() !== "" : memberIds.length === 1;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) make.mutate({ kind, title: isGroup ? title.trim() : "", memberIds: [...memberIds] });
      }}
    >
      <Stack>
        <SegmentedControl
          value={isGroup ? "group" : "direct"}
          onChange={(value) => {
            setKind(value === "group" ? RoomKind.GROUP : RoomKind.DIRECT);
            setMemberIds([]);
          }}
          aria-label="Kind of room"
          data={[
            { value: "group", label: "Group" },
            { value: "direct", label: "Two people" },
          ]}
        />
        {isGroup && (
          <TextInput
            label="Title"
            placeholder="Marine biology, group 3"
            value={title}
            maxLength={120}
            data-autofocus
            onChange={(event) => setTitle(event.currentTarget.value)}
            data-testid="room-title"
          />
        )}
        <PeoplePicker
          label={isGroup ? "Members" : "With whom"}
          description={isGroup ? "You can add more later." : undefined}
          most={isGroup ? 250 : 1}
          userIds={memberIds}
          onChange={setMemberIds}
        />
        {make.error && <ProblemNotice error={make.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isReady} loading={make.isPending} data-testid="create-room">
            {isGroup ? "Create" : "Open"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
