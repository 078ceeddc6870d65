import { useQuery } from "@connectrpc/connect-query";
import { type Citation, type File, IngestService, problemOf } from "@lyceum/client";
import { Button, Skeleton, Stack } from "@mantine/core";
import { Fragment, useEffect, useMemo, useRef, useState } from "react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { SectionMenu } from "./section-menu.tsx";
import { cutAtSections, type Section } from "./sections.ts";
import classes from "./source.module.css";
import { toWindow } from "./text-window.ts";
import { useSections } from "./use-sections.ts";

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
  return <Words file={file} text={data.text} citation={citation} />;
}

function Words({ file, text, citation }: { file: File; text: string; citation: Citation | undefined }) {
  const sections = useSections(file.id);
  const [jump, setJump] = useState<number>();
  const cited = { start: citation?.locator?.charStart ?? 0, end: citation?.locator?.charEnd ?? 0 };
  const { start, end } = jump === undefined ? cited : { start: jump, end: jump };
  const [more, setMore] = useState({ before: 0, after: 0 });
  const view = useMemo(() => toWindow(text, { start, end }, more), [text, start, end, more]);
  const target = useRef<HTMLElement>(null);
  // Only the citation or a jump moves the view, not more text around it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(
    () => target.current?.scrollIntoView({ block: jump === undefined ? "center" : "start" }),
    [text, start, end],
  );
  // Another citation is shown even after a jump.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => setJump(undefined), [citation]);
  return (
    <>
      {sections.length > 1 && <SectionMenu sections={sections} onJump={(section) => setJump(section.start)} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.reading} tabIndex={0} aria-label={`Text of ${file.name}`}>
        {view.from > 0 && (
          <Button variant="subtle" onClick={() => setMore(({ before, after }) => ({ before: before + 1, after }))}>
            Show earlier text
          </Button>
        )}
        <div className={classes.words}>
          <Pieces text={view.before} offset={view.from} sections={sections} />
          {view.marked ? (
            <mark ref={target} data-testid="highlight">
              {view.marked}
            </mark>
          ) : (
            <span ref={target} />
          )}
          <Pieces text={view.after} offset={view.to - view.after.length} sections={sections} />
        </div>
        {view.to < text.length && (
          <Button variant="subtle" onClick={() => setMore(({ before, after }) => ({ before, after: after + 1 }))}>
            Show more text
          </Button>
        )}
      </section>
    </>
  );
}

/** Text with a line where a slide or a sheet begins. */
function Pieces({ text, offset, sections }: { text: string; offset: number; sections: readonly Section[] }) {
  return cutAtSections(text, offset, sections).map(({ section, text: piece }) => (
    <Fragment key={section?.start ?? "head"}>
      {section && <span className={classes.apart}>{section.name}</span>}
      {piece}
    </Fragment>
  ));
}
