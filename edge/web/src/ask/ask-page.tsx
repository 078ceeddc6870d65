import { problemOf, RagService } from "@lyceum/client";
import { Anchor, Button, Center, Loader, Text, Title } from "@mantine/core";
import { useDisclosure, useDocumentTitle, useReducedMotion } from "@mantine/hooks";
import { IconHistory, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { NotFoundPage } from "../app/not-found-page.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useSelected } from "../app/store.ts";
import { useInvalidate } from "../app/use-invalidate.ts";
import { useReadableFiles } from "../library/use-readable-files.ts";
import { AnswerCard } from "./answer-card.tsx";
import classes from "./ask.module.css";
import { AskBox } from "./ask-box.tsx";
import { ConversationDrawer } from "./conversation-drawer.tsx";
import { unnamed } from "./conversations.ts";
import { isGrowing } from "./growing-answer.ts";
import { QuestionChips } from "./question-chips.tsx";

/** One conversation, or the place to begin one: questions and their answers, the latest at the bottom above the box. */
export function AskPage() {
  useDocumentTitle("Ask · Lyceum");
  const { conversations } = useApp();
  const { conversationId = unnamed } = useParams({ strict: false });
  const { in: only } = useSearch({ from: "/ask/{-$conversationId}" });
  const thread = useSelected(conversations.threads, (threads) => threads.get(conversationId));
  const [fileIds, setFileIds] = useState<readonly string[]>(only ? [only] : []);
  useEffect(() => setFileIds(only ? [only] : []), [only]);
  useEffect(() => {
    if (conversationId !== unnamed) conversations.open(conversationId);
  }, [conversations, conversationId]);
  const ask = useAsk(conversationId);
  const answers = thread?.answers ?? [];
  const isEmpty = answers.length === 0;
  const isNew = conversationId === unnamed && isEmpty;
  const end = useFollow(answers.at(-1)?.key);

  if (thread?.error !== undefined && problemOf(thread.error).code === "not_found") return <NotFoundPage />;
  return (
    <div className={classes.page} data-empty={isEmpty || undefined}>
      <Bar isNew={isNew} />
      {thread?.error !== undefined && (
        <ProblemNotice error={thread.error} onRetry={() => conversations.open(conversationId)} />
      )}
      {thread?.isLoading && (
        <Center py={80}>
          <Loader aria-label="Opening the conversation" />
        </Center>
      )}
      {isEmpty && !thread?.isLoading && thread?.error === undefined && <Opening />}
      {!isEmpty && (
        <>
          <h1 className={classes.title}>Ask</h1>
          <div className={classes.thread}>
            {answers.map((answer) => (
              <AnswerCard key={answer.key} answer={answer} onRetry={() => ask(answer.question, answer.fileIds)} />
            ))}
            <div ref={end} />
          </div>
        </>
      )}
      <div className={classes.dock}>
        <AskBox
          key={conversationId}
          busy={answers.some(isGrowing)}
          isFollowUp={!isEmpty}
          fileIds={fileIds}
          onFileIds={setFileIds}
          onAsk={(question) => ask(question, fileIds)}
          onStop={() => conversations.stop(conversationId)}
        />
      </div>
      {isNew && <FirstQuestions fileIds={fileIds} onAsk={ask} />}
    </div>
  );
}

/** Asks here; a conversation that begins so gets its own address once it has a name. */
function useAsk(conversationId: string): (question: string, fileIds: readonly string[]) => void {
  const { conversations } = useApp();
  const navigate = useNavigate();
  const router = useRouter();
  const invalidate = useInvalidate();
  return async (question, fileIds) => {
    const named = await conversations.ask(conversationId, question, fileIds);
    if (named === undefined) return;
    const isStillHere = router.state.location.pathname === "/ask";
    if (conversationId === unnamed && isStillHere) {
      const params = { conversationId: named };
      await navigate({ to: "/ask/{-$conversationId}", params, search: (now) => now, replace: true });
    }
    await invalidate(RagService.method.listConversations);
  };
}

/** The way to other conversations where the side bar does not list them. */
function Bar({ isNew }: { isNew: boolean }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <div className={classes.head}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-md"
        leftSection={<IconHistory aria-hidden size={17} stroke={1.6} />}
        onClick={open}
      >
        Earlier questions
      </Button>
      {!isNew && (
        <Button
          renderRoot={(props) => (
            <Link to="/ask/{-$conversationId}" params={{ conversationId: undefined }} {...props} />
          )}
          variant="subtle"
          color="gray"
          size="compact-md"
          leftSection={<IconPlus aria-hidden size={17} stroke={1.6} />}
        >
          New
        </Button>
      )}
      <ConversationDrawer opened={opened} onClose={close} />
    </div>
  );
}

function Opening() {
  const { files, isSuccess } = useReadableFiles(false);
  const bare = isSuccess && files.length === 0;
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

type FirstQuestionsProps = {
  fileIds: readonly string[];
  onAsk: (question: string, fileIds: readonly string[]) => void;
};

/** Questions to begin with, from the file that is asked about or, where none or several are, the latest. */
function FirstQuestions({ fileIds, onAsk }: FirstQuestionsProps) {
  const { files } = useReadableFiles(false);
  const file = files.find(({ id }) => fileIds.length === 0 || fileIds.includes(id));
  return file && <QuestionChips key={file.id} file={file} onAsk={(question) => onAsk(question, [file.id])} />;
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
