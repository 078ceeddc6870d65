import { MemberRole, type Message, MessageKind, problemOf, type Room } from "@lyceum/client";
import { ActionIcon, Menu, Popover, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconCopy, IconDots, IconMoodSmile, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useApp, useMe } from "../app/app-context.tsx";
import classes from "./rooms.module.css";
import { useReact } from "./use-react.ts";
import { useDraft } from "./use-rooms.ts";

const emojis = ["👍", "❤️", "😄", "🎉", "🤔", "👀", "🙏", "✅"];

/** What one can do with a message, shown while it is pointed at or holds the focus. */
export function MessageTools({ message, room }: { message: Message; room: Room }) {
  const [, changeDraft] = useDraft(room.id);
  const focusComposer = () => document.querySelector<HTMLElement>("[data-composer]")?.focus();
  return (
    <div className={classes.tools} data-testid="message-tools">
      <ReactButton message={message} />
      <Tooltip label="Reply">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Reply"
          onClick={() => {
            changeDraft(({ editing: _, ...draft }) => ({ ...draft, replyTo: message }));
            focusComposer();
          }}
        >
          <IconArrowBackUp aria-hidden size={17} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <MoreMenu message={message} room={room} />
    </div>
  );
}

function ReactButton({ message }: { message: Message }) {
  const [opened, setOpened] = useState(false);
  const react = useReact(message);
  return (
    <Popover opened={opened} onChange={setOpened} position="top" shadow="md" trapFocus withinPortal={false}>
      <Popover.Target>
        <Tooltip label="React" disabled={opened}>
          <ActionIcon variant="subtle" color="gray" aria-label="React" onClick={() => setOpened(!opened)}>
            <IconMoodSmile aria-hidden size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={6}>
        <div className={classes.emojis}>
          {emojis.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={`React with ${emoji}`}
              onClick={() => {
                setOpened(false);
                void react(emoji, false);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function MoreMenu({ message, room }: { message: Message; room: Room }) {
  const { lyceum, rooms } = useApp();
  const me = useMe();
  const [, changeDraft] = useDraft(room.id);
  const isMine = message.senderId === me;
  const mayDelete = isMine || room.role === MemberRole.OWNER;
  const remove = async () => {
    try {
      const { message: deleted } = await lyceum.chat.deleteMessage({ roomId: room.id, messageId: message.id });
      if (deleted) rooms.take(deleted);
    } catch (error) {
      notifications.show({ color: "red", message: problemOf(error).message });
    }
  };
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label="More actions">
          <IconDots aria-hidden size={17} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy aria-hidden size={16} />}
          onClick={() => void navigator.clipboard?.writeText(message.text)}
        >
          Copy text
        </Menu.Item>
        {isMine && message.kind === MessageKind.TEXT && (
          <Menu.Item
            leftSection={<IconPencil aria-hidden size={16} />}
            onClick={() => {
              changeDraft((draft) => ({ attachments: draft.attachments, text: message.text, editing: message }));
              document.querySelector<HTMLElement>("[data-composer]")?.focus();
            }}
          >
            Edit
          </Menu.Item>
        )}
        {mayDelete && (
          <Menu.Item c="var(--danger)" leftSection={<IconTrash aria-hidden size={16} />} onClick={() => void remove()}>
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
