import { type File, FileService, IngestService, problemOf } from "@lyceum/client";
import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  IconDots,
  IconDownload,
  IconFileSearch,
  IconFolderSymlink,
  IconHandStop,
  IconMessageQuestion,
  IconPencil,
  IconTrash,
  IconUserPlus,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useApp } from "../app/app-context.tsx";
import { useInvalidate } from "../app/use-invalidate.ts";
import { saveContent } from "../source/save-content.ts";
import { useSource } from "../source/source-search.ts";
import { MoveDialog } from "./move-dialog.tsx";
import { NameDialog } from "./name-dialog.tsx";
import { ShareDialog } from "./share-dialog.tsx";

type Props = {
  file: File;
  own: boolean;
  /** True while its text is being read. */
  isUnderWay: boolean;
};

/** What one can do with a file; most of it only with one's own. */
export function FileActions({ file, own, isUnderWay }: Props) {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const trash = useTrash(file);
  const [naming, name] = useDisclosure(false);
  const [moving, move] = useDisclosure(false);
  const [sharing, share] = useDisclosure(false);
  const tell = (error: unknown) => notifications.show({ color: "red", message: problemOf(error).message });
  const change = async (to: { name: string } | { folderId: string }) => {
    await lyceum.files.updateFile({ fileId: file.id, ...to });
    await invalidate(FileService.method.listFiles, FileService.method.getFile);
  };
  const cancel = async () => {
    await lyceum.ingest.cancelDocument({ fileId: file.id });
    await invalidate(IngestService.method.listDocuments);
  };
  return (
    <>
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${file.name}`}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconFileSearch aria-hidden size={16} />}
            renderRoot={(props) => <Link to="/" search={(now) => ({ ...now, source: file.id })} {...props} />}
          >
            Open
          </Menu.Item>
          <Menu.Item
            leftSection={<IconMessageQuestion aria-hidden size={16} />}
            renderRoot={(props) => (
              <Link
                to="/ask/{-$conversationId}"
                params={{ conversationId: undefined }}
                search={{ in: file.id }}
                {...props}
              />
            )}
          >
            Ask about this file
          </Menu.Item>
          <Menu.Item
            leftSection={<IconDownload aria-hidden size={16} />}
            onClick={() => void saveContent(lyceum, file).catch(tell)}
          >
            Download
          </Menu.Item>
          {own && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconUserPlus aria-hidden size={16} />} onClick={share.open}>
                Share
              </Menu.Item>
              <Menu.Item leftSection={<IconPencil aria-hidden size={16} />} onClick={name.open}>
                Rename
              </Menu.Item>
              <Menu.Item leftSection={<IconFolderSymlink aria-hidden size={16} />} onClick={move.open}>
                Move
              </Menu.Item>
              {isUnderWay && (
                <Menu.Item
                  leftSection={<IconHandStop aria-hidden size={16} />}
                  onClick={() => void cancel().catch(tell)}
                >
                  Stop reading it
                </Menu.Item>
              )}
              <Menu.Item
                c="var(--danger)"
                leftSection={<IconTrash aria-hidden size={16} />}
                onClick={() => void trash().catch(tell)}
              >
                Move to the trash
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <ShareDialog file={file} opened={sharing} onClose={share.close} />
      <NameDialog
        opened={naming}
        onClose={name.close}
        title="Rename the file"
        action="Rename"
        name={file.name}
        onName={(to) => change({ name: to })}
      />
      <MoveDialog
        opened={moving}
        onClose={move.close}
        name={file.name}
        from={file.folderId}
        onMove={(to) => change({ folderId: to })}
      />
    </>
  );
}

/** Throws a file away, and offers for a while to take it back. */
function useTrash(file: File): () => Promise<void> {
  const { lyceum } = useApp();
  const invalidate = useInvalidate();
  const { source, close } = useSource();
  return async () => {
    await lyceum.files.deleteFile({ fileId: file.id });
    if (source === file.id) close();
    await invalidate(FileService.method.listFiles);
    const id = `trashed-${file.id}`;
    const restore = async () => {
      notifications.hide(id);
      await lyceum.files.restoreFile({ fileId: file.id });
      await invalidate(FileService.method.listFiles);
    };
    notifications.show({
      id,
      color: "gray",
      autoClose: 10_000,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <span>{file.name} is in the trash.</span>
          <Button
            size="compact-sm"
            variant="light"
            onClick={() =>
              void restore().catch((error) => notifications.show({ color: "red", message: problemOf(error).message }))
            }
          >
            Take back
          </Button>
        </Group>
      ),
    });
  };
}
