import { useMutation } from "@connectrpc/connect-query";
import { type Conversation, RagService } from "@lyceum/client";
import { ActionIcon, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useApp } from "../app/app-context.tsx";
import { formatAgo } from "../app/format.ts";
import { ProblemNotice } from "../app/problem-notice.tsx";
import classes from "../app/side-list.module.css";
import { useInvalidate } from "../app/use-invalidate.ts";
import { useConversationList } from "./use-conversation-list.ts";

/** One's conversations, the last asked first. */
export function ConversationList({ onOpen }: { onOpen?: () => void }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useConversationList();
  const conversations = data?.pages.flatMap((page) => page.conversations) ?? [];
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {data && conversations.length === 0 && (
        <Text size="sm" c="dimmed" px="sm">
          What you ask is kept here.
        </Text>
      )}
      <ul className={classes.items} aria-label="Your conversations">
        {conversations.map((conversation) => (
          <Item key={conversation.id} conversation={conversation} onOpen={onOpen} />
        ))}
      </ul>
      {hasNextPage && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Earlier ones
        </Button>
      )}
    </>
  );
}

function Item({ conversation, onOpen }: { conversation: Conversation; onOpen: (() => void) | undefined }) {
  const [asking, { open, close }] = useDisclosure(false);
  const { id, title, updateTime } = conversation;
  const name = title || "Untitled";
  return (
    <li className={classes.entry}>
      <Link
        to="/ask/{-$conversationId}"
        params={{ conversationId: id }}
        className={classes.item}
        activeProps={{ "data-active": true }}
        activeOptions={{ includeSearch: false }}
        title={`${name}, ${formatAgo(updateTime)}`}
        onClick={onOpen}
        data-testid="conversation"
      >
        <span className={classes.label}>{name}</span>
      </Link>
      <ActionIcon
        className={classes.action ?? ""}
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Delete ${name}`}
        onClick={open}
      >
        <IconTrash aria-hidden size={15} stroke={1.6} />
      </ActionIcon>
      <DeleteConversation conversation={conversation} opened={asking} onClose={close} />
    </li>
  );
}

function DeleteConversation(props: { conversation: Conversation; opened: boolean; onClose: () => void }) {
  const { conversation, opened, onClose } = props;
  const { conversations } = useApp();
  const invalidate = useInvalidate();
  const navigate = useNavigate();
  const { conversationId } = useParams({ strict: false });
  const remove = useMutation(RagService.method.deleteConversation, {
    async onSuccess() {
      onClose();
      if (conversationId === conversation.id)
        await navigate({ to: "/ask/{-$conversationId}", params: { conversationId: undefined } });
      conversations.forget(conversation.id);
      await invalidate(RagService.method.listConversations);
    },
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Delete this conversation?"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text>
          <strong>{conversation.title || "Untitled"}</strong>, with its questions and answers, goes for good. Your files
          stay.
        </Text>
        {remove.error && <ProblemNotice error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red.9"
            loading={remove.isPending}
            onClick={() => remove.mutate({ conversationId: conversation.id })}
          >
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
