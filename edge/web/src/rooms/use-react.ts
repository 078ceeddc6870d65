import { type Message, problemOf } from "@lyceum/client";
import { notifications } from "@mantine/notifications";
import { useApp } from "../app/app-context.tsx";

/** Adds one's own emoji to a message, or takes it away. */
export function useReact({ roomId, id }: Message): (emoji: string, remove: boolean) => void {
  const { lyceum, rooms } = useApp();
  return async (emoji, remove) => {
    const request = { roomId, messageId: id, emoji };
    try {
      const { message } = await (remove ? lyceum.chat.removeReaction(request) : lyceum.chat.addReaction(request));
      if (message) rooms.take(message);
    } catch (error) {
      notifications.show({ color: "red", message: problemOf(error).message });
    }
  };
}
