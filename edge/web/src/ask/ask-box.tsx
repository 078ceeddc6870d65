import { ActionIcon, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./ask.module.css";
import { ScopePicker } from "./scope-picker.tsx";

type Props = {
  busy: boolean;
  isFollowUp: boolean;
  fileIds: readonly string[];
  onFileIds: (fileIds: readonly string[]) => void;
  onAsk: (question: string) => void;
  onStop: () => void;
};

/** Enter asks, Shift+Enter makes a new line; while an answer comes, the button stops it. */
export function AskBox({ busy, isFollowUp, fileIds, onFileIds, onAsk, onStop }: Props) {
  const [question, setQuestion] = useState("");
  const ready = question.trim() !== "";

  function ask() {
    if (!ready || busy) return;
    onAsk(question.trim());
    setQuestion("");
  }

  return (
    <form
      className={classes.box}
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <Textarea
        variant="unstyled"
        aria-label="Your question"
        placeholder={isFollowUp ? "Ask a follow-up" : "Ask about your files"}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={4000}
        value={question}
        autoFocus
        classNames={{ input: classes.input ?? "" }}
        onChange={(event) => setQuestion(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          ask();
        }}
        data-testid="ask-input"
      />
      <div className={classes.tools}>
        <ScopePicker fileIds={fileIds} onChange={onFileIds} />
        {busy ? (
          <ActionIcon size={38} radius="xl" variant="default" aria-label="Stop" onClick={onStop} data-testid="ask-stop">
            <IconPlayerStopFilled aria-hidden size={18} />
          </ActionIcon>
        ) : (
          <ActionIcon size={38} radius="xl" type="submit" aria-label="Ask" disabled={!ready} data-testid="ask-submit">
            <IconArrowUp aria-hidden size={20} />
          </ActionIcon>
        )}
      </div>
    </form>
  );
}
