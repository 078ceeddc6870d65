import { Drawer } from "@mantine/core";
import { ConversationList } from "./conversation-list.tsx";

/** One's conversations, drawn in from the side. */
export function ConversationDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title="Earlier questions"
      size={320}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <ConversationList onOpen={onClose} />
    </Drawer>
  );
}
