import { Button, Group, Modal, Radio, ScrollArea, Skeleton, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { listPlaces } from "./folders.ts";
import { useFolders } from "./use-folders.ts";

type Props = {
  opened: boolean;
  onClose: () => void;
  /** What is moved. */
  name: string;
  /** Where it lies. */
  from: string;
  /** The folder that is moved, which can't go into itself. */
  folderId?: string;
  /** Moves it; what it rejects with is shown. */
  onMove: (folderId: string) => Promise<unknown>;
};

/** Asks for another place. */
export function MoveDialog({ opened, onClose, name, ...props }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Move ${name}`}
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Form onClose={onClose} {...props} />
    </Modal>
  );
}

function Form({ onClose, from, folderId, onMove }: Omit<Props, "opened" | "name">) {
  const { folders, isComplete } = useFolders();
  const [to, setTo] = useState(from);
  const move = useMutation({ mutationFn: onMove, onSuccess: onClose });
  return (
    <Stack>
      {isComplete ? (
        <ScrollArea.Autosize mah={320} type="auto">
          <Radio.Group value={to} onChange={setTo} aria-label="Where to">
            <Stack gap={10} p={4}>
              <Radio value="" label="Library" />
              {listPlaces(folders, folderId).map(({ folder, depth }) => (
                <Radio key={folder.id} value={folder.id} label={folder.name} pl={(depth + 1) * 22} />
              ))}
            </Stack>
          </Radio.Group>
        </ScrollArea.Autosize>
      ) : (
        <Skeleton height={120} />
      )}
      {move.error && <ProblemNotice error={move.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={to === from}
          loading={move.isPending}
          onClick={() => move.mutate(to)}
          data-testid="move-submit"
        >
          Move here
        </Button>
      </Group>
    </Stack>
  );
}
