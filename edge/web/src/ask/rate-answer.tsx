import { Rating } from "@lyceum/client";
import { ActionIcon, Button, Group, Popover, Stack, Textarea, Tooltip } from "@mantine/core";
import { IconThumbDown, IconThumbDownFilled, IconThumbUp, IconThumbUpFilled } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";

/** Says whether an answer helped, and if one likes why. */
export function RateAnswer({ answerId, rating: known }: { answerId: string; rating: Rating }) {
  const { conversations } = useApp();
  // A choice shows at once, and a comment on it does not wait for the call that notes it.
  const [chosen, setChosen] = useState<Rating>();
  const rating = chosen ?? known;
  const [opened, setOpened] = useState(false);
  const [comment, setComment] = useState("");
  const rate = useMutation({
    mutationFn: (to: { rating: Rating; comment: string }) => conversations.rate(answerId, to.rating, to.comment),
    // One after the other: the last is what counts.
    scope: { id: `rate-${answerId}` },
  });
  const choose = (to: Rating) => {
    rate.mutate({ rating: to, comment: "" });
    setChosen(to);
    setComment("");
    setOpened(true);
  };
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width={300}
      shadow="md"
      trapFocus
      withRoles={false}
    >
      <Popover.Target>
        <Group gap={2}>
          <Choice label="Helpful" isChosen={rating === Rating.UP} onChoose={() => choose(Rating.UP)}>
            {rating === Rating.UP ? (
              <IconThumbUpFilled aria-hidden size={17} />
            ) : (
              <IconThumbUp aria-hidden size={17} stroke={1.6} />
            )}
          </Choice>
          <Choice label="Not helpful" isChosen={rating === Rating.DOWN} onChoose={() => choose(Rating.DOWN)}>
            {rating === Rating.DOWN ? (
              <IconThumbDownFilled aria-hidden size={17} />
            ) : (
              <IconThumbDown aria-hidden size={17} stroke={1.6} />
            )}
          </Choice>
        </Group>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            rate.mutate({ rating, comment: comment.trim() }, { onSuccess: () => setOpened(false) });
          }}
        >
          <Stack gap="xs">
            <Textarea
              label={rating === Rating.DOWN ? "What was wrong with it?" : "What was good about it?"}
              placeholder="If you like to say"
              autosize
              minRows={2}
              maxRows={6}
              maxLength={2000}
              value={comment}
              onChange={(event) => setComment(event.currentTarget.value)}
            />
            {rate.error && <ProblemNotice error={rate.error} />}
            <Group justify="flex-end" gap="xs">
              <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setOpened(false)}>
                Not now
              </Button>
              <Button size="compact-sm" type="submit" disabled={comment.trim() === ""} loading={rate.isPending}>
                Send
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function Choice(props: { label: string; isChosen: boolean; onChoose: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon
        variant="subtle"
        color={props.isChosen ? undefined : "gray"}
        aria-label={props.label}
        aria-pressed={props.isChosen}
        onClick={props.onChoose}
      >
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}
