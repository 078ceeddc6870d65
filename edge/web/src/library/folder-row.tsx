import { FileService, type Folder } from "@lyceum/client";
import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconFolder, IconFolderSymlink, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../app/app-context.tsx";
import { formatAgo, formatMoment } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import classes from "./library.module.css";
import { MoveDialog } from "./move-dialog.tsx";
import { NameDialog } from "./name-dialog.tsx";

/** A folder, and what one can do with it. */
export function FolderRow({ folder }: { folder: Folder }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const [naming, name] = useDisclosure(false);
  const [moving, move] = useDisclosure(false);
  const [deleting, remove] = useDisclosure(false);
  const change = async (to: { name: string } | { parentId: string }) => {
    await lyceum.files.updateFolder({ folderId: folder.id, ...to });
    await invalidate(FileService.method.listFolders);
  };
  return (
    <li className={classes.row} data-testid="folder-row">
      <span className={classes.icon} style={{ width: 37, height: 37 }}>
        <IconFolder aria-hidden size={22} stroke={1.5} />
      </span>
      <div className={classes.what}>
        <Link to="/" search={{ folder: folder.id }} className={classes.name} title={folder.name}>
          {folder.name}
        </Link>
        <Text size="sm" c="dimmed">
          <time title={formatMoment(folder.createTime)}>Made {formatAgo(folder.createTime)}</time>
        </Text>
      </div>
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${folder.name}`}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil aria-hidden size={16} />} onClick={name.open}>
            Rename
          </Menu.Item>
          <Menu.Item leftSection={<IconFolderSymlink aria-hidden size={16} />} onClick={move.open}>
            Move
          </Menu.Item>
          <Menu.Item c="var(--danger)" leftSection={<IconTrash aria-hidden size={16} />} onClick={remove.open}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NameDialog
        opened={naming}
        onClose={name.close}
        title="Rename the folder"
        action="Rename"
        name={folder.name}
        onName={(to) => change({ name: to })}
      />
      <MoveDialog
        opened={moving}
        onClose={move.close}
        name={folder.name}
        from={folder.parentId}
        folderId={folder.id}
        onMove={(to) => change({ parentId: to })}
      />
      <DeleteFolder folder={folder} opened={deleting} onClose={remove.close} />
    </li>
  );
}

function DeleteFolder({ folder, opened, onClose }: { folder: Folder; opened: boolean; onClose: () => void }) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const remove = useMutation({
    mutationFn: () => lyceum.files.deleteFolder({ folderId: folder.id }),
    async onSuccess() {
      await invalidate(FileService.method.listFolders, FileService.method.listFiles);
      onClose();
    },
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Delete this folder?"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text>
          <strong>{folder.name}</strong> and the folders in it go for good. The files in them move to the trash, where
          you can take them back.
        </Text>
        {remove.error && <ProblemNotice error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
