import { useInfiniteQuery } from "@connectrpc/connect-query";
import { type File, FileService } from "@lyceum/client";
import { Button, Center, Container, Group, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle, useIntersection } from "@mantine/hooks";
import { IconUsers } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { useStore } from "../app/store.ts";
import { AddFiles } from "./add-files.tsx";
import { FileRow } from "./file-row.tsx";
import classes from "./library.module.css";
import { UploadRow } from "./upload-row.tsx";
import { useOwnDocuments, useSharedDocuments } from "./use-documents.ts";

/** One's files, those under way, and those others share. */
export function LibraryPage() {
  useDocumentTitle("Library · Lyceum");
  const [shared, setShared] = useState(false);
  const list = useFiles(shared);
  const own = useOwnDocuments(shared ? [] : list.files, !shared);
  const theirs = useSharedDocuments(shared ? list.files : [], shared);
  const uploads = useNewUploads(list.files);
  const rows = shared ? 0 : uploads.length;
  const empty = list.isSuccess && list.files.length + rows === 0;

  return (
    <Container size="md" className={classes.page}>
      <Group justify="space-between" mb="lg" gap="sm">
        <Title order={1}>Library</Title>
        <SegmentedControl
          value={shared ? "shared" : "own"}
          onChange={(value) => setShared(value === "shared")}
          aria-label="Which files"
          data={[
            { value: "own", label: "Yours" },
            { value: "shared", label: "Shared with you" },
          ]}
        />
      </Group>
      {!shared && <AddFiles inviting={empty} />}
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <RowSkeletons />}
      {shared && empty && <NothingShared />}
      {(list.files.length > 0 || rows > 0) && (
        <ul className={classes.list} aria-label={shared ? "Files shared with you" : "Your files"}>
          {!shared && uploads.map((upload) => <UploadRow key={upload.key} upload={upload} />)}
          {list.files.map((file) => (
            <FileRow key={file.id} file={file} document={(shared ? theirs : own).get(file.id)} own={!shared} />
          ))}
        </ul>
      )}
      {list.hasNextPage && <More busy={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
    </Container>
  );
}

function useFiles(shared: boolean) {
  const query = useInfiniteQuery(
    FileService.method.listFiles,
    { shared, pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  return { ...query, files: query.data?.pages.flatMap((page) => page.files) ?? [] };
}

/** The uploads that are not in the list yet. */
function useNewUploads(files: readonly File[]) {
  const { uploads } = useApp();
  const all = useStore(uploads.list);
  const listed = new Set(files.map(({ id }) => id));
  useEffect(() => {
    for (const { key, stored } of all) if (stored && listed.has(stored.id)) uploads.forget(key);
  });
  return all.filter((upload) => !(upload.stored && listed.has(upload.stored.id)));
}

function RowSkeletons() {
  return (
    <Stack gap="sm" mt="md" aria-busy="true" aria-label="Loading your files">
      {[72, 56, 64].map((width) => (
        <Group key={width} gap="md" wrap="nowrap" p="sm">
          <Skeleton height={38} width={38} radius="md" />
          <Stack gap={8} flex={1}>
            <Skeleton height={12} width={`${width}%`} />
            <Skeleton height={10} width="30%" />
          </Stack>
        </Group>
      ))}
    </Stack>
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

/** Fetches the next page as it comes into view, or at a press. */
function More({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const { ref, entry } = useIntersection({ rootMargin: "400px" });
  const near = entry?.isIntersecting ?? false;
  useEffect(() => {
    if (near && !busy) onMore();
  });
  return (
    <Center ref={ref} py="lg">
      <Button variant="subtle" loading={busy} onClick={onMore}>
        Show more
      </Button>
    </Center>
  );
}
