import { useInfiniteQuery } from "@connectrpc/connect-query";
import { FileService } from "@lyceum/client";
import { Anchor, Text, Title } from "@mantine/core";
import { useDocumentTitle, useReducedMotion } from "@mantine/hooks";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { useStore } from "../app/store.ts";
import { AnswerCard } from "./answer-card.tsx";
import classes from "./ask.module.css";
import { AskBox } from "./ask-box.tsx";

/** Questions and their answers, the latest at the bottom above the box. */
export function AskPage() {
  useDocumentTitle("Ask · Lyceum");
  const { thread } = useApp();
  const answers = useStore(thread.answers);
  const { in: only } = useSearch({ from: "/ask" });
  const [fileIds, setFileIds] = useState<readonly string[]>(only ? [only] : []);
  useEffect(() => setFileIds(only ? [only] : []), [only]);
  const latest = answers.at(-1);
  const busy = latest?.state === "searching" || latest?.state === "writing";
  const end = useFollow(latest?.key);

  return (
    <div className={classes.page} data-empty={answers.length === 0 || undefined}>
      {answers.length === 0 ? (
        <Opening />
      ) : (
        <>
          <h1 className={classes.title}>Ask</h1>
          <div className={classes.thread}>
            {answers.map((answer) => (
              <AnswerCard
                key={answer.key}
                answer={answer}
                onRetry={() => thread.ask(answer.question, answer.fileIds)}
              />
            ))}
            <div ref={end} />
          </div>
        </>
      )}
      <div className={classes.dock}>
        <AskBox
          busy={busy}
          fileIds={fileIds}
          onFileIds={setFileIds}
          onAsk={(question) => thread.ask(question, fileIds)}
          onStop={thread.stop}
        />
      </div>
    </div>
  );
}

function Opening() {
  const { data } = useInfiniteQuery(
    FileService.method.listFiles,
    { shared: false, pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  const bare = data?.pages.every((page) => page.files.length === 0);
  return (
    <div className={classes.opening}>
      <Title order={1} className={classes.call ?? ""}>
        What would you like to know?
      </Title>
      <Text c="dimmed" maw={460}>
        {bare ? (
          <>
            Answers come from your files, and there are none yet.{" "}
            <Anchor component={Link} to="/" underline="always">
              Add the first one
            </Anchor>
            , and ask a few seconds later.
          </>
        ) : (
          "Answers come only from your files. Every sentence carries a number that opens its place in the source."
        )}
      </Text>
    </div>
  );
}

/** Brings a new question into view; an answer that grows is left to the reader's own scrolling. */
function useFollow(key: string | undefined) {
  const end = useRef<HTMLDivElement>(null);
  const still = useReducedMotion(undefined, { getInitialValueInEffect: false });
  useEffect(() => {
    if (key)
      end.current?.previousElementSibling?.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  }, [key, still]);
  return end;
}
