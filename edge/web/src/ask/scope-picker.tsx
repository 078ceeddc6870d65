import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconFiles } from "@tabler/icons-react";
import { useState } from "react";
import { count } from "../app/format.ts";
import { useReadableFiles } from "../library/use-readable-files.ts";

type Props = { fileIds: readonly string[]; onChange: (fileIds: readonly string[]) => void };

/** Which files a question is about: all one may read, or some. */
export function ScopePicker({ fileIds, onChange }: Props) {
  const [opened, { open, close, toggle }] = useDisclosure(false);
  const { files } = useReadableFiles(opened);
  const [filter, setFilter] = useState("");
  const chosen = files.filter(({ id }) => fileIds.includes(id));
  const shown = files.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
  const label =
    fileIds.length === 0 ? "All files" : (chosen.length === 1 && chosen[0]?.name) || count(fileIds.length, "file");
  return (
    <Popover
      position="top-start"
      width={320}
      trapFocus
      shadow="md"
      opened={opened}
      onChange={(next) => (next ? open() : close())}
      onClose={() => setFilter("")}
    >
      <Popover.Target>
        <Button
          size="compact-md"
          variant={fileIds.length > 0 ? "light" : "subtle"}
          color={fileIds.length > 0 ? undefined : "gray"}
          leftSection={<IconFiles aria-hidden size={17} stroke={1.6} />}
          rightSection={<IconChevronDown aria-hidden size={14} />}
          maw="min(60vw, 320px)"
          fw={500}
          fz="sm"
          aria-label={`Ask about: ${label}`}
          onClick={toggle}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {files.length > 8 && (
            <TextInput
              size="sm"
              placeholder="Find a file"
              aria-label="Find a file"
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
            />
          )}
          <ScrollArea.Autosize mah={260} type="auto">
            <Checkbox.Group value={[...fileIds]} onChange={onChange} aria-label="Files to ask about">
              <Stack gap={10} p={4}>
                {shown.map(({ id, name }) => (
                  <Checkbox
                    key={id}
                    value={id}
                    label={name}
                    disabled={fileIds.length >= 250 && !fileIds.includes(id)}
                  />
                ))}
              </Stack>
            </Checkbox.Group>
            {files.length === 0 && (
              <Text size="sm" c="dimmed">
                There are no files yet.
              </Text>
            )}
          </ScrollArea.Autosize>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {fileIds.length === 0 ? "No choice means all." : `${count(fileIds.length, "file")} chosen`}
            </Text>
            <Button size="compact-sm" variant="subtle" disabled={fileIds.length === 0} onClick={() => onChange([])}>
              All files
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
