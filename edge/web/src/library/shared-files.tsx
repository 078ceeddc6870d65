import { Center, Stack, Text } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { ShowMore } from "../app/show-more.tsx";
import { FileRow } from "./file-row.tsx";
import classes from "./library.module.css";
import { RowSkeletons } from "./row-skeletons.tsx";
import { useSharedDocuments } from "./use-documents.ts";
import { useFiles } from "./use-files.ts";

/** The files that others let one read. */
export function SharedFiles() {
  const list = useFiles({ shared: true });
  const documents = useSharedDocuments(list.files);
  return (
    <>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <RowSkeletons />}
      {list.isSuccess && list.files.length === 0 && <NothingShared />}
      {list.files.length > 0 && (
        <ul className={classes.list} aria-label="Files shared with you">
          {list.files.map((file) => (
            <FileRow key={file.id} file={file} document={documents.get(file.id)} own={false} />
          ))}
        </ul>
      )}
      {list.hasNextPage && <ShowMore busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </>
  );
}

function NothingShared() {
  return (
    <Center py={80}>
      <Stack align="center" gap="xs">
        <span className={classes.medal}>
          <IconUsers aria-hidden size={34} stroke={1.3} />
        </span>
        <h2 className={classes.invitation}>Nothing shared with you yet</h2>
        <Text c="dimmed" ta="center" maw={400}>
          When someone gives you a file to read, it appears here, and your questions cover it too.
        </Text>
      </Stack>
    </Center>
  );
}
