import { useQuery } from "@connectrpc/connect-query";
import { type Document, DocumentState, type File, IngestService } from "@lyceum/client";
import { IconArrowUpRight } from "@tabler/icons-react";
import { useMemo } from "react";
import classes from "./ask.module.css";
import { toFirstQuestions } from "./first-questions.ts";

/** A document that is being read is looked at again so often. */
const againMs = 2_000;

/** Offers questions that a file suggests to whoever has asked none yet. */
export function QuestionChips({ file, onAsk }: { file: File; onAsk: (question: string) => void }) {
  const isReadable = useIsReadable(file);
  const { data } = useQuery(
    IngestService.method.listPassages,
    { fileId: file.id, pageSize: 250 },
    { enabled: isReadable, staleTime: 60_000 },
  );
  const questions = useMemo(() => toFirstQuestions(data?.passages ?? []), [data]);
  if (questions.length === 0) return null;
  return (
    <section className={classes.chips} aria-label={`Questions that ${file.name} suggests`}>
      {questions.map((question) => (
        <button
          key={question}
          type="button"
          className={classes.suggestion}
          onClick={() => onAsk(question)}
          data-testid="suggestion"
        >
          <span>{question}</span>
          <IconArrowUpRight aria-hidden size={16} stroke={1.6} />
        </button>
      ))}
      <p className={classes.from}>From {file.name}</p>
    </section>
  );
}

/** Whether a file's text is there, as soon as it is. */
function useIsReadable({ id }: File): boolean {
  const { data } = useQuery(
    IngestService.method.getDocument,
    { fileId: id },
    {
      retry: false,
      refetchInterval: ({ state }) => !isOver(state.data?.document) && againMs,
    },
  );
  return data?.document?.searchable === true;
}

function isOver(document: Document | undefined): boolean {
  return document?.searchable === true || document?.state === DocumentState.FAILED;
}
