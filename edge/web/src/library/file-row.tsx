import { useMutation } from "@connectrpc/connect-query";
import { type Document, type File, IngestService, problemOf } from "@lyceum/client";
import { ActionIcon, Button, Progress, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconMessageQuestion, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { count, formatAgo, formatMoment, formatSize } from "../app/format.ts";
import { useInvalidate } from "../app/use-invalidate.ts";
import { FileActions } from "./file-actions.tsx";
import { FileIcon } from "./file-icon.tsx";
import classes from "./library.module.css";
import { type Stage, stageOf, stateName } from "./stage.ts";

type Props = { file: File; document: Document | undefined; own: boolean };

/** A stored file, how far its text is, and what one can do with it. */
export function FileRow({ file, document, own }: Props) {
  const stage = stageOf(document);
  const retry = useRetry();
  return (
    <li className={classes.row} data-testid="file-row" data-file-id={file.id} data-state={stateName(document)}>
      <FileIcon mediaType={file.mediaType} name={file.name} />
      <div className={classes.what}>
        <Link to="/" search={(now) => ({ ...now, source: file.id })} className={classes.name} title={file.name}>
          {file.name}
        </Link>
        <Text size="sm" c="dimmed" className={classes.facts}>
          <span>{formatSize(file.sizeBytes)}</span>
          {document && document.pageCount > 0 && <span>{count(document.pageCount, "page")}</span>}
          <time title={formatMoment(file.createTime)}>{formatAgo(file.createTime)}</time>
        </Text>
        {stage.detail && (
          <div className={classes.trouble} data-tone={stage.tone}>
            <Text size="sm">{stage.detail}</Text>
            {stage.mayRetry && own && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconRefresh aria-hidden size={15} />}
                loading={retry.isPending}
                onClick={() => retry.mutate({ fileId: file.id })}
              >
                {stage.tone === "failed" ? "Try again" : "Read it"}
              </Button>
            )}
          </div>
        )}
      </div>
      <StageBadge stage={stage} />
      {stage.tone === "ready" && <AskAbout file={file} />}
      <FileActions file={file} own={own} isUnderWay={stage.progress !== undefined} />
      {stage.progress !== undefined && (
        <Progress
          className={classes.bar ?? ""}
          value={Math.max(3, stage.progress * 100)}
          size={3}
          color="var(--accent)"
          aria-label={`${stage.label}: ${file.name}`}
        />
      )}
    </li>
  );
}

function AskAbout({ file }: { file: File }) {
  return (
    <Tooltip label="Ask about it">
      <ActionIcon
        renderRoot={(props) => <Link to="/ask/{-$conversationId}" search={{ in: file.id }} {...props} />}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Ask about ${file.name}`}
      >
        <IconMessageQuestion aria-hidden size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}

function StageBadge({ stage: { tone, label, progress } }: { stage: Stage }) {
  const share = progress !== undefined && tone !== "waiting" ? ` ${Math.floor(progress * 100)} %` : "";
  return (
    <span className={classes.stage} data-tone={tone}>
      <span className={classes.dot} data-busy={progress !== undefined || undefined} />
      {label}
      {share && <span className={classes.share}>{share}</span>}
    </span>
  );
}

function useRetry() {
  const invalidate = useInvalidate();
  return useMutation(IngestService.method.retryDocument, {
    onSuccess: () => invalidate(IngestService.method.listDocuments),
    onError: (error) => notifications.show({ color: "red", message: problemOf(error).message }),
  });
}
