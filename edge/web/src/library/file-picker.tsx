import type { File } from "@lyceum/client";
import { Button, Checkbox, Group, Modal, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { count } from "../app/format.ts";
import { useAllFiles } from "./use-all-files.ts";

type Props = { opened: boolean; onClose: () => void; onPick: (files: readonly File[]) => void };

/** Chooses among one's own files. */
export function FilePicker({ opened, onClose, onPick }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Choose from your library"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Choice onClose={onClose} onPick={onPick} />
    </Modal>
  );
}

function Choice({ onClose, onPick }: Omit<Props, "opened">) {
  const { files } = useAllFiles(false, true);
  const [filter, setFilter] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const shown = files.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
  return (
    <Stack>
      <TextInput
        placeholder="Find a file"
        aria-label="Find a file"
        value={filter}
        data-autofocus
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <ScrollArea.Autosize mah={300} type="auto">
        <Checkbox.Group value={chosen} onChange={setChosen} aria-label="Files">
          <Stack gap={10} p={4}>
            {shown.map(({ id, name }) => (
              <Checkbox key={id} value={id} label={name} disabled={chosen.length >= 20 && !chosen.includes(id)} />
            ))}
          </Stack>
        </Checkbox.Group>
        {shown.length === 0 && (
          <Text size="sm" c="dimmed">
            {files.length === 0 ? "Your library is empty." : "No file has such a name."}
          </Text>
        )}
      </ScrollArea.Autosize>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={chosen.length === 0}
          onClick={() => {
            onPick(files.filter(({ id }) => chosen.includes(id)));
            onClose();
          }}
          data-testid="pick-files"
        >
          {chosen.length === 0 ? "Attach" : `Attach ${count(chosen.length, "file")}`}
        </Button>
      </Group>
    </Stack>
  );
}
