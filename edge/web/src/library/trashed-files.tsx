import { type File, FileService, FileState } from "@lyceum/client";
import { Button, Center, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { count, formatAgo, formatMoment, formatSize } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { FileIcon } from "./file-icon.tsx";
import classes from "./library.module.css";
import { RowSkeletons } from "./row-skeletons.tsx";
import { useFiles } from "./use-files.ts";

/** What was thrown away and can be taken back, until it goes for good. */
export function TrashedFiles() {
  const list = useFiles({ shared: false, state: FileState.TRASHED });
  const [emptying, { open, close }] = useDisclosure(false);
  return (
    <>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <RowSkeletons />}
      {list.isSuccess && list.files.length === 0 && <NothingThrownAway />}
      {list.files.length > 0 && (
        <>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              Only you see these. They take up space until they go for good.
            </Text>
            <Button variant="default" size="compact-md" onClick={open} data-testid="empty-trash">
              Delete all for good
            </Button>
          </Group>
          <ul className={classes.list} aria-label="Trash">
            {list.files.map((file) => (
              <TrashedRow key={file.id} file={file} />
            ))}
          </ul>
          <PurgeDialog files={list.files} opened={emptying} onClose={close} />
        </>
      )}
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </>
  );
}

function TrashedRow({ file }: { file: File }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const [purging, { open, close }] = useDisclosure(false);
  const restore = useMutation({
    mutationFn: () => lyceum.files.restoreFile({ fileId: file.id }),
    onSuccess: () => invalidate(FileService.method.listFiles),
  });
  return (
    <li className={classes.row} data-testid="trashed-row" data-file-id={file.id}>
      <FileIcon mediaType={file.mediaType} name={file.name} />
      <div className={classes.what}>
        <span className={classes.name}>{file.name}</span>
        <Text size="sm" c="dimmed" className={classes.facts}>
          <span>{formatSize(file.sizeBytes)}</span>
          <time title={formatMoment(file.createTime)}>added {formatAgo(file.createTime)}</time>
        </Text>
        {restore.error && <ProblemNotice error={restore.error} />}
      </div>
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          loading={restore.isPending}
          onClick={() => restore.mutate()}
          data-testid="restore"
        >
          Take back
        </Button>
        <Button size="compact-sm" variant="subtle" color="red.9" c="var(--danger)" onClick={open} data-testid="purge">
          Delete
        </Button>
      </Group>
      <PurgeDialog files={[file]} opened={purging} onClose={close} />
    </li>
  );
}

function PurgeDialog({ files, opened, onClose }: { files: readonly File[]; opened: boolean; onClose: () => void }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const purge = useMutation({
    async mutationFn() {
      for (const { id } of files) await lyceum.files.purgeFile({ fileId: id });
    },
    onSuccess: onClose,
    onSettled: () => invalidate(FileService.method.listFiles, FileService.method.getUsage),
  });
  const what = files.length === 1 ? (files[0]?.name ?? "") : count(files.length, "file");
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Delete for good?"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text>
          <strong>{what}</strong> can't be taken back afterwards. Answers that cite it keep their words and lose their
          source.
        </Text>
        {purge.error && <ProblemNotice error={purge.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep
          </Button>
          <Button color="red.9" loading={purge.isPending} onClick={() => purge.mutate()} data-testid="purge-confirm">
            Delete for good
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function NothingThrownAway() {
  return (
    <Center py={80}>
      <Stack align="center" gap="xs">
        <span className={classes.medal}>
          <IconTrash aria-hidden size={34} stroke={1.3} />
        </span>
        <h2 className={classes.invitation}>The trash is empty</h2>
        <Text c="dimmed" ta="center" maw={400}>
          What you delete waits here until you delete it for good or take it back.
        </Text>
      </Stack>
    </Center>
  );
}
