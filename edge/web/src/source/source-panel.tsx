import { useQuery } from "@connectrpc/connect-query";
import { type Citation, type File, FileService, RagService } from "@lyceum/client";
import { ActionIcon, Center, Loader, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowLeft, IconDownload, IconSearch, IconX } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useApp } from "../app/app-context.tsx";
import { formatSize } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useSelected } from "../app/store.ts";
import { FileIcon } from "../library/file-icon.tsx";
import { findCitation } from "../rooms/rooms-state.ts";
import { FindBar } from "./find-bar.tsx";
import { saveContent } from "./save-content.ts";
import { sayPlace } from "./say-place.ts";
import classes from "./source.module.css";
import { useSource } from "./source-search.ts";
import { TextSource } from "./text-source.tsx";
import { useFound } from "./use-found.ts";

const PdfSource = lazy(() => import("./pdf-source.tsx"));

/** A file as one reads it, beside the screen that opened it or, on a phone, in its place. */
export function SourcePanel({ className, phone }: { className: string; phone: boolean }) {
  const { source = "", find, open, close } = useSource();
  const { data, error, refetch } = useQuery(FileService.method.getFile, { fileId: source });
  const file = data?.file;
  const { citation, wanted } = useCitation();
  const found = useFound();
  const panel = useFocusWhileOpen(close);
  const Panel = phone ? "div" : "aside";
  return (
    <Panel
      ref={panel}
      className={className}
      aria-label="Source"
      tabIndex={-1}
      data-testid="source-viewer"
      {...(phone && { role: "dialog", "aria-modal": true })}
    >
      <Header file={file} phone={phone} onFind={() => open({ source, find: "" })} onClose={close} />
      {find !== undefined && (
        <FindBar
          find={find}
          found={found}
          onFind={(next) => open({ source, find: next })}
          onShow={({ id }) => open({ source, find, passage: id })}
          onClose={() => open({ source })}
        />
      )}
      {citation && <Cited citation={citation} />}
      {wanted && !citation?.quote && citation !== undefined && (
        <Text size="sm" c="dimmed" p="md">
          The cited words can no longer be shown to you.
        </Text>
      )}
      {error && (
        <div className={classes.notice}>
          <ProblemNotice error={error} title="This file can't be shown" onRetry={() => void refetch()} />
        </div>
      )}
      {file && <Content file={file} citation={citation ?? found.citation} />}
    </Panel>
  );
}

type HeaderProps = { file: File | undefined; phone: boolean; onFind: () => void; onClose: () => void };

function Header({ file, phone, onFind, onClose }: HeaderProps) {
  const { lyceum } = useApp();
  useTitle(file?.name);
  const save = (wanted: File) =>
    saveContent(lyceum, wanted).catch(() =>
      notifications.show({ color: "red", message: `${wanted.name} could not be downloaded. Try again.` }),
    );
  return (
    <header className={classes.header}>
      {phone && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Back" onClick={onClose}>
          <IconArrowLeft aria-hidden size={20} />
        </ActionIcon>
      )}
      {file && !phone && <FileIcon mediaType={file.mediaType} name={file.name} size={20} />}
      <div className={classes.heading}>
        <h2 title={file?.name}>{file?.name ?? "Source"}</h2>
        <Text size="xs" c="dimmed">
          {file ? formatSize(file.sizeBytes) : " "}
        </Text>
      </div>
      {file && (
        <Tooltip label="Find in it">
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Find in this document" onClick={onFind}>
            <IconSearch aria-hidden size={19} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      )}
      {file && (
        <Tooltip label="Download">
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Download" onClick={() => void save(file)}>
            <IconDownload aria-hidden size={19} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      )}
      {!phone && (
        <Tooltip label="Close">
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Close the source" onClick={onClose}>
            <IconX aria-hidden size={19} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      )}
    </header>
  );
}

function Cited({ citation: { number, sentence, quote, locator } }: { citation: Citation }) {
  const place = sayPlace(locator);
  return (
    <div className={classes.cited}>
      <span className={classes.number}>{number}</span>
      <div>
        <span className={classes.sentence}>{sentence || quote}</span>
        {place && (
          <Text component="span" size="xs" c="dimmed">
            {place}
          </Text>
        )}
      </div>
    </div>
  );
}

function Content({ file, citation }: { file: File; citation: Citation | undefined }) {
  if (file.mediaType !== "application/pdf") return <TextSource file={file} citation={citation} />;
  const loading = (
    <Center flex={1}>
      <Loader aria-label="Opening the document" />
    </Center>
  );
  return (
    <Suspense fallback={loading}>
      <PdfSource file={file} citation={citation} />
    </Suspense>
  );
}

/** The citation the address names: from this tab's answers and rooms, or after a reload from the stored answer. */
function useCitation(): { wanted: boolean; citation: Citation | undefined } {
  const { conversations, rooms } = useApp();
  const { source, answer, cite } = useSource();
  const inRoom = useSelected(rooms.state, (state) => (answer && cite ? findCitation(state, answer, cite) : undefined));
  const known = (answer && cite ? conversations.findCitation(answer, cite) : undefined) ?? inRoom;
  const { data } = useQuery(
    RagService.method.getAnswer,
    { answerId: answer ?? "" },
    { enabled: Boolean(answer) && !known, staleTime: Number.POSITIVE_INFINITY },
  );
  const citation = known ?? data?.answer?.citations.find(({ number }) => number === cite);
  return { wanted: Boolean(answer), citation: citation?.fileId === source ? citation : undefined };
}

/** Takes the focus while open, gives it back at the end, and closes at Escape. */
function useFocusWhileOpen(close: () => void) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && panel.current?.contains(document.activeElement)) close();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  return panel;
}

/** Names the tab after the file while it is open. */
function useTitle(name: string | undefined) {
  useEffect(() => {
    if (!name) return;
    const before = document.title;
    document.title = `${name} · Lyceum`;
    return () => {
      document.title = before;
    };
  }, [name]);
}
