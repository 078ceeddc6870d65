import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Message, MessageKind, type Room } from "@lyceum/client";
import { Text } from "@mantine/core";
import { IconArrowForward, IconLock, IconSparkles } from "@tabler/icons-react";
import { memo, useState } from "react";
import { useMe } from "../app/app-context.tsx";
import { formatMoment } from "../app/format.ts";
import { Markdown } from "../markdown/markdown.tsx";
import { PersonAvatar } from "../people/person-avatar.tsx";
import { usePerson } from "../people/use-person.ts";
import { AssistantText } from "./assistant-text.tsx";
import { Attachments } from "./attachments.tsx";
import { readAsking } from "./draft.ts";
import { MessageTools } from "./message-tools.tsx";
import { PrivateAnswer } from "./private-answer.tsx";
import { Reactions } from "./reactions.tsx";
import classes from "./rooms.module.css";
import { SeenBy } from "./seen-by.tsx";
import { useDraft, useRoomsState } from "./use-rooms.ts";

type Props = {
  message: Message;
  room: Room;
  isFirst: boolean;
  /** The last one is where the Tab key comes in; from there the arrow keys lead on. */
  isLast: boolean;
  /** Who has read up to here and no further. */
  seenBy: readonly string[];
};

/** What somebody said, what it answers, what hangs on it, and what one can do with it. */
export const MessageRow = memo(function MessageRow({ message, room, isFirst, isLast, seenBy }: Props) {
  const me = useMe();
  const [isActive, setActive] = useState(false);
  const { id, senderId, createTime, editTime, deleteTime, replyToId } = message;
  const sender = usePerson(senderId);
  const isAssistant = message.kind === MessageKind.ASSISTANT;
  const [{ editing }] = useDraft(room.id);
  return (
    <li
      className={classes.message}
      tabIndex={isLast ? 0 : -1}
      data-line={id}
      data-first={isFirst || undefined}
      data-assistant={isAssistant || undefined}
      data-editing={editing?.id === id || undefined}
      data-testid="message"
      data-seq={`${message.seq}`}
      onMouseEnter={() => setActive(true)}
      onMouseLeave={() => setActive(false)}
      onFocus={() => setActive(true)}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setActive(false);
      }}
    >
      {isFirst ? <PersonAvatar userId={senderId} /> : <Clock message={message} />}
      <div className={classes.body}>
        {isFirst && (
          <div className={classes.head}>
            <span className={classes.sender}>{sender?.name ?? "…"}</span>
            <time className={classes.time} title={formatMoment(createTime)}>
              {sayTime(message)}
            </time>
          </div>
        )}
        {replyToId !== "" && !isAssistant && <Quote roomId={room.id} messageId={replyToId} />}
        {deleteTime ? (
          <Text size="sm" c="dimmed" fs="italic">
            This message was deleted.
          </Text>
        ) : (
          <Content message={message} />
        )}
        {editTime && !deleteTime && !isAssistant && (
          <Text component="span" size="xs" c="dimmed" title={formatMoment(editTime)}>
            edited
          </Text>
        )}
        <Attachments fileIds={message.fileIds} />
        <Reactions message={message} />
        {senderId === me && <PrivateAnswer question={message} />}
        <SeenBy userIds={seenBy} />
      </div>
      {isActive && !deleteTime && <MessageTools message={message} room={room} />}
    </li>
  );
});

function Content({ message }: { message: Message }) {
  if (message.kind === MessageKind.ASSISTANT) return <AssistantText message={message} />;
  const { asking, question } = readAsking(message.text);
  if (!asking) return <Markdown text={message.text} />;
  const Icon = asking === "privately" ? IconLock : IconSparkles;
  return (
    <>
      <span className={classes.asked}>
        <Icon aria-hidden size={14} stroke={1.8} />
        {asking === "privately" ? "Asked the assistant privately" : "Asked the assistant"}
      </span>
      <Markdown text={question} />
    </>
  );
}

/** The message that another one answers, in a line; a press shows it. */
function Quote({ roomId, messageId }: { roomId: string; messageId: string }) {
  const answered = useRoomsState((state) =>
    state.timelines.get(roomId)?.messages.find((message) => message.id === messageId),
  );
  const sender = usePerson(answered?.senderId ?? "");
  if (!answered) {
    return (
      <span className={classes.quote}>
        <IconArrowForward aria-hidden size={14} /> An earlier message
      </span>
    );
  }
  return (
    <button type="button" className={classes.quote} onClick={() => showMessage(messageId)}>
      <IconArrowForward aria-hidden size={14} />
      <b>{sender?.name ?? "…"}</b>
      <span>{answered.deleteTime ? "deleted" : answered.text.slice(0, 140)}</span>
    </button>
  );
}

function showMessage(messageId: string): void {
  const line = document.querySelector<HTMLElement>(`[data-line="${messageId}"]`);
  line?.scrollIntoView({ block: "center" });
  line?.focus({ preventScroll: true });
}

/** The time of a message that goes on from the one before, seen when one looks for it. */
function Clock({ message }: { message: Message }) {
  return (
    <time className={classes.clock} title={formatMoment(message.createTime)}>
      {sayTime(message)}
    </time>
  );
}

function sayTime({ createTime }: Message): string {
  return createTime ? timestampDate(createTime).toLocaleTimeString(undefined, { timeStyle: "short" }) : "";
}
