import { useQuery } from "@connectrpc/connect-query";
import { type File, FileService, GrantRole } from "@lyceum/client";
import { Button, Group, Modal, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { PeoplePicker } from "../people/people-picker.tsx";
import { useRoomList, useRoomTitles } from "../rooms/use-rooms.ts";
import { GrantRow } from "./grant-row.tsx";
import classes from "./library.module.css";
import { LinkForm } from "./link-form.tsx";

type Props = { file: File; opened: boolean; onClose: () => void };

/** Who may read a file: people, rooms, and whoever has a link. */
export function ShareDialog({ file, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Share ${file.name}`}
      size="lg"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Contents file={file} />
    </Modal>
  );
}

function Contents({ file }: { file: File }) {
  const { data, error, refetch } = useQuery(FileService.method.listGrants, { fileId: file.id });
  const grants = data?.grants ?? [];
  return (
    <Stack gap="lg">
      <ShareForm file={file} principals={grants.map(({ principal }) => principal)} />
      <LinkForm file={file} />
      <section>
        <h3 className={classes.subheading}>Who may read it</h3>
        {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Skeleton height={48} />}
        {data && grants.length === 0 && (
          <Text size="sm" c="dimmed">
            Only you.
          </Text>
        )}
        <ul className={classes.grants} aria-label="Who may read it">
          {grants.map((grant) => (
            <GrantRow key={grant.id} fileId={file.id} grant={grant} />
          ))}
        </ul>
      </section>
    </Stack>
  );
}

function ShareForm({ file, principals }: { file: File; principals: readonly string[] }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const rooms = useRoomList() ?? [];
  const titles = useRoomTitles(rooms);
  const [userIds, setUserIds] = useState<readonly string[]>([]);
  const [roomId, setRoomId] = useState<string | null>(null);
  const [role, setRole] = useState<GrantRole>(GrantRole.READER);
  const share = useMutation({
    async mutationFn() {
      const chosen = [...userIds.map((id) => `user:${id}`), ...(roomId ? [`room:${roomId}`] : [])];
      for (const principal of chosen) await lyceum.files.grantAccess({ fileId: file.id, principal, role });
    },
    onSuccess() {
      setUserIds([]);
      setRoomId(null);
    },
    onSettled: () => invalidate(FileService.method.listGrants),
  });
  const offered = rooms.filter(({ id }) => !principals.includes(`room:${id}`));
  return (
    <Stack gap="sm">
      <PeoplePicker
        label="People"
        most={20}
        userIds={userIds}
        onChange={setUserIds}
        except={principals.map((principal) => principal.replace(/^user:/, ""))}
      />
      <Group grow align="flex-end">
        <Select
          label="Room"
          description="Everyone in it may read"
          placeholder={rooms.length === 0 ? "You are in no room" : "Choose a room"}
          clearable
          searchable
          disabled={offered.length === 0}
          clearButtonProps={{ "aria-label": "No room" }}
          value={roomId}
          onChange={setRoomId}
          data={offered.map(({ id }) => ({ value: id, label: titles.get(id) ?? "…" }))}
          data-testid="share-room"
        />
        <Select
          label="They may"
          allowDeselect={false}
          value={`${role}`}
          onChange={(value) => setRole(Number(value) as GrantRole)}
          data={[
            { value: `${GrantRole.READER}`, label: "Read, and ask about it" },
            { value: `${GrantRole.EDITOR}`, label: "Also rename and share it" },
          ]}
        />
      </Group>
      {share.error && <ProblemNotice error={share.error} />}
      <Group justify="flex-end">
        <Button
          disabled={userIds.length === 0 && !roomId}
          loading={share.isPending}
          onClick={() => share.mutate()}
          data-testid="share-submit"
        >
          Share
        </Button>
      </Group>
    </Stack>
  );
}
