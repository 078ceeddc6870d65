import { useMutation } from "@connectrpc/connect-query";
import { FinishReason, type Message, RagService } from "@lyceum/client";
import { Button, Loader, Text } from "@mantine/core";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { useMe } from "../app/app-context.tsx";
import { CitedText } from "../ask/cited-text.tsx";
import { Sources } from "../ask/sources.tsx";
import { joinText } from "./growing-text.ts";
import classes from "./rooms.module.css";
import { useRoomsState } from "./use-rooms.ts";

/** What the assistant says to everyone, while it says it and afterwards with its sources. */
export function AssistantText({ message }: { message: Message }) {
  const { id, roomId, replyToId, text, citations, answerId, finishReason } = message;
  const me = useMe();
  const growing = useRoomsState((state) => state.growing.get(id));
  const isMine = useRoomsState(({ timelines }) =>
    Boolean(timelines.get(roomId)?.messages.some((other) => other.id === replyToId && other.senderId === me)),
  );
  const isGrowing = finishReason === FinishReason.UNSPECIFIED;
  const words = joinText(text, growing);
  return (
    <div aria-busy={isGrowing} data-testid="assistant-text" data-state={isGrowing ? "growing" : "finished"}>
      <CitedText text={words} citations={citations} answerId={answerId} growing={isGrowing} />
      {isGrowing && <Growing hasText={words !== ""} answerId={isMine ? (growing?.answerId ?? answerId) : ""} />}
      <HowItEnded reason={finishReason} />
      {finishReason === FinishReason.NOT_IN_FILES && (
        <Text size="sm" c="dimmed" mt={4}>
          Only files that everyone here may read were looked through. Attach one that covers it, and ask again.
        </Text>
      )}
      {citations.length > 0 && <Sources compact answerId={answerId} citations={citations} />}
    </div>
  );
}

/** That more comes, and for whoever asked how to stop it. */
export function Growing({ hasText, answerId }: { hasText: boolean; answerId: string }) {
  const stop = useMutation(RagService.method.stopAnswer);
  return (
    <span className={classes.growing}>
      <Loader size={14} type="dots" aria-hidden />
      {hasText ? "Writing" : "Looking through the files"}
      {answerId !== "" && (
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlayerStopFilled aria-hidden size={11} />}
          loading={stop.isPending}
          onClick={() => stop.mutate({ answerId })}
          data-testid="stop-answer"
        >
          Stop
        </Button>
      )}
    </span>
  );
}

export function HowItEnded({ reason }: { reason: FinishReason }) {
  const words = endings[reason];
  return words ? (
    <Text size="sm" c="dimmed" mt={4}>
      {words}
    </Text>
  ) : null;
}

const endings: Partial<Record<FinishReason, string>> = {
  [FinishReason.STOPPED]: "Stopped.",
  [FinishReason.ERROR]: "The answer broke off here. Ask again.",
  [FinishReason.LENGTH]: "The answer reached its greatest length.",
};
