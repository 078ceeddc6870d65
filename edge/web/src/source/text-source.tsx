import { useQuery } from "@connectrpc/connect-query";
import { type Citation, type File, IngestService, problemOf } from "@lyceum/client";
import { Button, Skeleton, Stack } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import classes from "./source.module.css";
import { toWindow } from "./text-window.ts";

/** A document as the text that quotes refer to, opened at the cited words. */
export function TextSource({ file, citation }: { file: File; citation: Citation | undefined }) {
  const { data, error, refetch } = useQuery(IngestService.method.getDocumentText, { fileId: file.id });
  if (error) {
    const unread = problemOf(error).reason === "DOCUMENT_NOT_PARSED";
    return (
      <div className={classes.notice}>
        <ProblemNotice
          error={error}
          title={unread ? "There is no text to show yet" : "The text can't be shown"}
          onRetry={() => void refetch()}
        />
      </div>
    );
  }
  if (!data) {
    return (
      <Stack p="xl" gap="md" aria-busy="true" aria-label="Loading the text">
        {[92, 96, 88, 60].map((width) => (
          <Skeleton key={width} height={14} width={`${width}%`} />
        ))}
      </Stack>
    );
  }
  return <Words name={file.name} text={data.text} citation={citation} />;
}

function Words({ name, text, citation }: { name: string; text: string; citation: Citation | undefined }) {
  const start = citation?.locator?.charStart ?? 0;
  const end = citation?.locator?.charEnd ?? 0;
  const [more, setMore] = useState({ before: 0, after: 0 });
  const view = useMemo(() => toWindow(text, { start, end }, more), [text, start, end, more]);
  const marked = useRef<HTMLElement>(null);
  // Only the citation moves the view, not more text around it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => marked.current?.scrollIntoView({ block: "center" }), [text, start, end]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.reading} tabIndex={0} aria-label={`Text of ${name}`}>
      {view.from > 0 && (
        <Button variant="subtle" onClick={() => setMore(({ before, after }) => ({ before: before + 1, after }))}>
          Show earlier text
        </Button>
      )}
      <div className={classes.words}>
        {view.before}
        {view.marked && (
          <mark ref={marked} data-testid="highlight">
            {view.marked}
          </mark>
        )}
        {view.after}
      </div>
      {view.to < text.length && (
        <Button variant="subtle" onClick={() => setMore(({ before, after }) => ({ before, after: after + 1 }))}>
          Show more text
        </Button>
      )}
    </section>
  );
}
