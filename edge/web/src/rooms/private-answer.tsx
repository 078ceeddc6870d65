import { useQuery } from "@connectrpc/connect-query";
import { FinishReason, type Message, RagService } from "@lyceum/client";
import { IconLock } from "@tabler/icons-react";
import { useEffect } from "react";
import { useApp } from "../app/app-context.tsx";
import { useSelected } from "../app/store.ts";
import { CitedText } from "../ask/cited-text.tsx";
import { Sources } from "../ask/sources.tsx";
import { Growing, HowItEnded } from "./assistant-text.tsx";
import { joinText } from "./growing-text.ts";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** The answer to a question that was asked for oneself alone, beneath the question. */
export function PrivateAnswer({ question }: { question: Message }) {
  const growing = useRoomsState((state) => state.growing.get(question.id));
  const isLive = useRoomsState((state) => state.connection === "live");
  const known = useSelected(useApp().rooms.privateAnswers, (answers) => answers.get(question.id));
  const answerId = growing?.answerId ?? known ?? "";
  const isHeard = growing === undefined || growing.isDone;
  const { data, refetch } = useQuery(
    RagService.method.getAnswer,
    { answerId },
    { enabled: answerId !== "" && isHeard, staleTime: Number.POSITIVE_INFINITY },
  );
  const answer = isHeard ? data?.answer : undefined;
  const isOver = answer !== undefined && answer.finishReason !== FinishReason.UNSPECIFIED;
  // The last piece may have been said while nobody could hear it.
  useEffect(() => {
    if (answerId !== "" && isLive && !isOver) void refetch();
  }, [answerId, isLive, isOver, refetch]);
  if (answerId === "") return null;
  const citations = data?.answer?.citations ?? [];
  const text = isOver ? answer.text : joinText(data?.answer?.text ?? "", growing);
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
