import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBooks, IconPaperclip, IconUpload } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { FilePicker } from "../library/file-picker.tsx";
import { attach } from "./draft.ts";

/** Files to send along: from the library, or from the device by way of it. */
export function AttachMenu({ roomId }: { roomId: string }) {
  const { rooms } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const [picking, { open, close }] = useDisclosure(false);
  const [shown, setShown] = useState(false);
  return (
    <>
      <Menu position="top-start" opened={shown} onChange={setShown}>
        <Menu.Target>
          <Tooltip label="Attach files" disabled={shown}>
            <ActionIcon variant="subtle" color="gray" size={34} radius="xl" aria-label="Attach files">
              <IconPaperclip aria-hidden size={19} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconBooks aria-hidden size={16} />} onClick={open}>
            From your library
          </Menu.Item>
          <Menu.Item leftSection={<IconUpload aria-hidden size={16} />} onClick={() => input.current?.click()}>
            From this device
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="attach-input"
        onChange={({ currentTarget }) => {
          rooms.drafts.attach(roomId, [...(currentTarget.files ?? [])]);
          // The same file may be chosen again.
          currentTarget.value = "";
        }}
      />
      <FilePicker
        opened={picking}
        onClose={close}
        onPick={(files) =>
          rooms.drafts.change(roomId, (draft) =>
            attach(
              draft,
              files.map((file) => ({ key: file.id, name: file.name, file })),
            ),
          )
        }
      />
    </>
  );
}
