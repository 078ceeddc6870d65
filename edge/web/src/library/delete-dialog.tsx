import { createConnectQueryKey, useMutation } from "@connectrpc/connect-query";
import { type File, FileService } from "@lyceum/client";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useSource } from "../source/source-search.ts";

/** Asks before a file leaves the library. */
export function DeleteDialog({ file, opened, onClose }: { file: File; opened: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const { source, close } = useSource();
  const remove = useMutation(FileService.method.deleteFile, {
    onSuccess: async () => {
      if (source === file.id) close();
      const queryKey = createConnectQueryKey({ schema: FileService.method.listFiles, cardinality: undefined });
      await queries.invalidateQueries({ queryKey });
      onClose();
    },
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Delete this file?"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text>
          <strong>{file.name}</strong> leaves your library, search and answers at once, for everyone it is shared with
          too.
        </Text>
        {remove.error && <ProblemNotice error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate({ fileId: file.id })}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
