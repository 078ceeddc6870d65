import { problemOf, type Room } from "@lyceum/client";
import { ActionIcon, Textarea, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowUp, IconCheck, IconSparkles, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useApp, useMe } from "../app/app-context.tsx";
import { usePerson } from "../people/use-person.ts";
import { AttachMenu } from "./attach-menu.tsx";
import { AttachmentChips } from "./attachment-chips.tsx";
import { CompletionList } from "./completion-list.tsx";
import { type Completion, completionsOf, type Draft, emptyDraft, isComplete, readAsking } from "./draft.ts";
import classes from "./rooms.module.css";
import { useDraft } from "./use-rooms.ts";

/** Enter sends, Shift+Enter makes a new line, Arrow up in an empty box changes one's last message, Escape lets go. */
export function Composer({ room, title }: { room: Room; title: string }) {
  const { rooms } = useApp();
  const me = useMe();
  const input = useRef<HTMLTextAreaElement>(null);
  const [draft, change] = useDraft(room.id);
  const [cursor, setCursor] = useState(0);
  const completions = useCompletions(draft.text, cursor);
  const submit = useSubmit(room, draft);
  const { asking } = readAsking(draft.text);

  function write(text: string, at = text.length): void {
    change((now) => ({ ...now, text }));
    setCursor(at);
    if (text !== "") rooms.tellTyping(room.id);
  }
  function complete({ insert }: Completion): void {
    write(insert + readAsking(draft.text.replace(/^@\S*\s?/, "")).question.trimStart());
    input.current?.focus();
  }
  function editLast(): void {
    const messages = rooms.state.get().timelines.get(room.id)?.messages ?? [];
    const last = messages.findLast(({ senderId, deleteTime, text }) => senderId === me && !deleteTime && text !== "");
    if (last) change((now) => ({ attachments: now.attachments, text: last.text, editing: last }));
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || completions.onKey(event, complete)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === "ArrowUp" && draft.text === "") {
      event.preventDefault();
      editLast();
    } else if (event.key === "Escape") letGo(change);
  }

  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <About draft={draft} onLetGo={() => letGo(change)} />
      <AttachmentChips roomId={room.id} attachments={draft.attachments} />
      <CompletionList {...completions.list} onChoose={complete} />
      <Textarea
        ref={input}
        variant="unstyled"
        aria-label={`Message to ${title}`}
        placeholder={`Message to ${title}`}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={16_000}
        value={draft.text}
        autoFocus
        classNames={{ input: classes.input ?? "" }}
        onChange={({ currentTarget }) => write(currentTarget.value, currentTarget.selectionStart)}
        onSelect={({ currentTarget }) => setCursor(currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        {...completions.input}
        data-composer
        data-testid="composer"
      />
      <div className={classes.bar}>
        <AttachMenu roomId={room.id} />
        <Tooltip label="Ask the assistant">
          <ActionIcon
            variant={asking ? "light" : "subtle"}
            color={asking ? undefined : "gray"}
            size={34}
            radius="xl"
            aria-label="Ask the assistant"
            aria-pressed={asking !== undefined}
            onClick={() => {
              write(asking ? readAsking(draft.text).question : `@assistant ${draft.text}`);
              input.current?.focus();
            }}
          >
            <IconSparkles aria-hidden size={19} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <span className={classes.hint}>{hints[asking ?? "nobody"]}</span>
        <ActionIcon
          size={36}
          radius="xl"
          type="submit"
          aria-label={draft.editing ? "Save the change" : "Send"}
          disabled={!isComplete(draft)}
          data-testid="send"
        >
          {draft.editing ? <IconCheck aria-hidden size={19} /> : <IconArrowUp aria-hidden size={19} />}
        </ActionIcon>
      </div>
    </form>
  );
}

const hints = {
  nobody: "",
  everyone: "The answer is for everyone here, from files all of you may read.",
  privately: "The answer is for you alone, from all files you may read. Your question is seen by all.",
};

/** Which message one answers or changes. */
function About({ draft: { editing, replyTo }, onLetGo }: { draft: Draft; onLetGo: () => void }) {
  const sender = usePerson(replyTo?.senderId ?? "");
  if (!editing && !replyTo) return null;
  return (
    <div className={classes.about}>
      <span>
        {editing ? "Changing your message" : <b>Reply to {sender?.name ?? "…"}</b>}
        {replyTo && !editing && ` ${replyTo.text.slice(0, 120)}`}
      </span>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Let go" onClick={onLetGo}>
        <IconX aria-hidden size={15} />
      </ActionIcon>
    </div>
  );
}

function letGo(change: (to: (draft: Draft) => Draft) => void): void {
  change(({ attachments, editing, text }) => ({ attachments, text: editing ? "" : text }));
}

/** Sends the draft, or saves what it changes. */
function useSubmit(room: Room, draft: Draft): () => Promise<void> {
  const { lyceum, rooms } = useApp();
  return async () => {
    if (!isComplete(draft)) return;
    const { editing, replyTo, attachments } = draft;
    const text = draft.text.trim();
    if (!editing) {
      const fileIds = attachments.flatMap(({ file }) => file?.id ?? []);
      rooms.outbox.send({ roomId: room.id, text, replyToId: replyTo?.id ?? "", fileIds });
      rooms.drafts.change(room.id, () => emptyDraft);
      return;
    }
    rooms.drafts.change(room.id, () => ({ ...emptyDraft, attachments }));
    if (text === "" || text === editing.text) return;
    try {
      const { message } = await lyceum.chat.editMessage({ roomId: room.id, messageId: editing.id, text });
      if (message) rooms.take(message);
    } catch (error) {
      notifications.show({ color: "red", message: problemOf(error).message });
      // What was written is not lost.
      rooms.drafts.change(room.id, (now) => (now.text === "" ? { ...now, text, editing } : now));
    }
  };
}

/** The completions of what is being written, and the keys that choose among them. */
function useCompletions(text: string, cursor: number) {
  const [chosen, setChosen] = useState(0);
  const [closedAt, setClosedAt] = useState<string>();
  const offered = closedAt === text ? [] : completionsOf(text, cursor);
  const at = Math.min(chosen, offered.length - 1);
  return {
    list: { completions: offered, chosen: at },
    input: {
      role: "combobox",
      "aria-expanded": offered.length > 0,
      "aria-controls": "completions",
      "aria-autocomplete": "list" as const,
      ...(offered.length > 0 && { "aria-activedescendant": `completion-${at}` }),
    },
    /** True if the key was meant for the list. */
    onKey(event: KeyboardEvent, complete: (completion: Completion) => void): boolean {
      const completion = offered[at];
      if (!completion) return false;
      if (event.key === "ArrowDown") setChosen((at + 1) % offered.length);
      else if (event.key === "ArrowUp") setChosen((at + offered.length - 1) % offered.length);
      else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) complete(completion);
      else if (event.key === "Escape") setClosedAt(text);
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
