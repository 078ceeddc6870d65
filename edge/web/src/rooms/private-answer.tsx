import { useQuery } from "@connectrpc/connect-query";
import { FinishReason, type Message, RagService } from "@lyceum/client";
import { IconLock } from "@tabler/icons-react";
import { useEffect } from "react";
import { CitedText } from "../ask/cited-text.tsx";
import { Sources } from "../ask/sources.tsx";
import { Growing, HowItEnded } from "./assistant-text.tsx";
import { joinText } from "./growing-text.ts";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** The answer to a question that was asked for oneself alone, beneath the question. */
export function PrivateAnswer({ question }: { question: Message }) {
  const growing = useRoomsState((state) => state.growing.get(question.id));
  const answerId = growing?.answerId ?? question.answerId;
  const isDone = growing?.isDone ?? false;
  const { data, error, refetch } = useQuery(
    RagService.method.getAnswer,
    { answerId },
    {
      enabled: answerId !== "",
      staleTime: Number.POSITIVE_INFINITY,
      // The last piece may have been said while nobody could hear it.
      refetchInterval: ({ state }) =>
        state.error || state.data?.answer?.finishReason ? false : growing && !isDone ? 10_000 : 1_500,
    },
  );
  useEffect(() => {
    if (isDone) void refetch();
  }, [isDone, refetch]);
  const answer = data?.answer;
  const isOver = answer !== undefined && answer.finishReason !== FinishReason.UNSPECIFIED;
  if (answerId === "" || (error && !growing)) return null;
  const citations = answer?.citations ?? [];
  const text = isOver ? answer.text : joinText(answer?.text ?? "", growing);
  return (
    <section className={classes.private} aria-label="Private answer" data-testid="private-answer">
      <span className={classes.asked}>
        <IconLock aria-hidden size={14} stroke={1.8} />
        Only you can see this
      </span>
      <CitedText text={text} citations={citations} answerId={answerId} growing={!isOver} />
      {!isOver && <Growing hasText={text !== ""} answerId={answerId} />}
      {isOver && <HowItEnded reason={answer.finishReason} />}
      {isOver && citations.length > 0 && <Sources compact answerId={answerId} citations={citations} />}
    </section>
  );
}
