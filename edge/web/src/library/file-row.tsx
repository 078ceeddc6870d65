import { createConnectQueryKey, useMutation } from "@connectrpc/connect-query";
import { type Document, type File, IngestService, problemOf } from "@lyceum/client";
import { ActionIcon, Button, Menu, Progress, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconDots, IconFileSearch, IconMessageQuestion, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count, formatAgo, formatMoment, formatSize } from "../app/format.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
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
        <Link to="/" search={{ source: file.id }} className={classes.name} title={file.name}>
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
            {stage.tone === "failed" && own && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconRefresh aria-hidden size={15} />}
                loading={retry.isPending}
                onClick={() => retry.mutate({ fileId: file.id })}
              >
                Try again
              </Button>
            )}
          </div>
        )}
      </div>
      <StageBadge stage={stage} />
      <Actions file={file} own={own} />
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

function Actions({ file, own }: { file: File; own: boolean }) {
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${file.name}`}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconFileSearch aria-hidden size={16} />}
            renderRoot={(props) => <Link to="/" search={{ source: file.id }} {...props} />}
          >
            Open
          </Menu.Item>
          <Menu.Item
            leftSection={<IconMessageQuestion aria-hidden size={16} />}
            renderRoot={(props) => (
              <Link
                to="/ask/{-$conversationId}"
                params={{ conversationId: undefined }}
                search={{ in: file.id }}
                {...props}
              />
            )}
          >
            Ask about this file
          </Menu.Item>
          {own && (
            <Menu.Item c="var(--danger)" leftSection={<IconTrash aria-hidden size={16} />} onClick={open}>
              Delete
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {own && <DeleteDialog file={file} opened={asking} onClose={close} />}
    </>
  );
}

function useRetry() {
  const queries = useQueryClient();
  return useMutation(IngestService.method.retryDocument, {
    onSuccess: () =>
      queries.invalidateQueries({
        queryKey: createConnectQueryKey({ schema: IngestService.method.listDocuments, cardinality: "infinite" }),
      }),
    onError: (error) => notifications.show({ color: "red", message: problemOf(error).message }),
  });
}
