import { ActionIcon, Anchor, Button, CopyButton, Group, Loader, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconMoodEmpty, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { count } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import classes from "./ask.module.css";
import { CitedText } from "./cited-text.tsx";
import { type GrowingAnswer, isGrowing, toPlainText } from "./growing-answer.ts";
import { RateAnswer } from "./rate-answer.tsx";
import { Sources } from "./sources.tsx";

/** A question, its answer as it grows, and where it comes from. */
export function AnswerCard({ answer, onRetry }: { answer: GrowingAnswer; onRetry: () => void }) {
  const { question, state, text, citations, notInFiles, answerId } = answer;
  const growing = isGrowing(answer);
  return (
    <article className={classes.card} aria-label={question} aria-busy={growing}>
      <h2 className={classes.question}>{question}</h2>
      {text && (
        <div className={notInFiles ? classes.absent : classes.answer}>
          {notInFiles && <IconMoodEmpty aria-hidden size={26} stroke={1.4} />}
          <div data-testid="answer-text">
            <CitedText text={text} citations={citations} answerId={answerId} growing={growing} />
          </div>
        </div>
      )}
      {notInFiles && (
        <Text size="sm" c="dimmed" mt="xs">
          Try other words, or{" "}
          <Anchor component={Link} to="/" inherit underline="always">
            add a file
          </Anchor>{" "}
          that covers it. Lyceum answers from your files alone.
        </Text>
      )}
      {growing && <Progress answer={answer} />}
      {state === "failed" && (
        <ProblemNotice error={answer.error ?? new Error("The answer broke off.")} onRetry={onRetry} />
      )}
      {state === "stopped" && <Stopped onRetry={onRetry} />}
      {citations.length > 0 && <Sources answerId={answerId} citations={citations} />}
      {!growing && text && (
        <Group gap={2} mt="xs">
          {!notInFiles && <Copy text={toPlainText(answer)} />}
          {answerId && <RateAnswer answerId={answerId} rating={answer.rating} />}
        </Group>
      )}
      <p className={classes.announce} role="status">
        {state === "finished" && (notInFiles ? text : `Answer complete, ${count(citations.length, "source")}.`)}
      </p>
    </article>
  );
}

function Progress({ answer: { state, text, fileCount } }: { answer: GrowingAnswer }) {
  return (
    <Stack gap="sm" mt="sm">
      <span className={classes.progress}>
        <Loader size={14} type="dots" aria-hidden />
        {state === "searching" ? "Looking through your files" : sayWriting(fileCount)}
      </span>
      {!text && (
        <Stack gap={10} aria-hidden>
          <Skeleton height={13} width="94%" />
          <Skeleton height={13} width="88%" />
          <Skeleton height={13} width="52%" />
        </Stack>
      )}
    </Stack>
  );
}

function sayWriting(fileCount: number): string {
  return fileCount > 0 ? `Answering from ${count(fileCount, "file")}` : "Answering";
}

function Stopped({ onRetry }: { onRetry: () => void }) {
  return (
    <span className={classes.progress}>
      Stopped.
      <Button size="compact-sm" variant="subtle" leftSection={<IconRefresh aria-hidden size={15} />} onClick={onRetry}>
        Ask again
      </Button>
    </span>
  );
}

function Copy({ text }: { text: string }) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "Copy with sources"}>
          <ActionIcon variant="subtle" color="gray" aria-label="Copy the answer with its sources" onClick={copy}>
            {copied ? <IconCheck aria-hidden size={18} /> : <IconCopy aria-hidden size={18} stroke={1.6} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
