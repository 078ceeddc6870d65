import { useInfiniteQuery } from "@connectrpc/connect-query";
import { type File, IngestService, type Lyceum } from "@lyceum/client";
import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import { useApp } from "../app/app-context.tsx";
import { type DocumentMap, mergeDocuments } from "./merge-documents.ts";

const none: DocumentMap = new Map();

/** The documents of one's own `files`, kept up to date. */
export function useOwnDocuments(files: readonly File[]): DocumentMap {
  const { data, hasNextPage, isFetching, fetchNextPage, refetch } = useInfiniteQuery(
    IngestService.method.listDocuments,
    { pageSize: 100, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  const watched = useWatch("own", refetch);
  const documents = useMemo(
    () => mergeDocuments(watched, data?.pages.flatMap((page) => page.documents) ?? []),
    [watched, data],
  );
  const missing = files.some(({ id }) => !documents.has(id));
  useEffect(() => {
    if (missing && hasNextPage && !isFetching) void fetchNextPage();
  }, [missing, hasNextPage, isFetching, fetchNextPage]);
  return documents;
}

/** The documents of files that others share, kept up to date. */
export function useSharedDocuments(files: readonly File[]): DocumentMap {
  const fileIds = files.slice(0, 250).map(({ id }) => id);
  return useWatch(fileIds.length > 0 ? fileIds.join(" ") : undefined);
}

/** Follows documents while the tab is in view: hidden tabs would use up the browser's few connections to one host. */
function useWatch(what: string | undefined, onOpen?: () => void): DocumentMap {
  const { lyceum } = useApp();
  const [documents, setDocuments] = useState(none);
  const visible = useDocumentVisibility() === "visible";
  useEffect(() => {
    if (!visible || what === undefined) return;
    const controller = new AbortController();
    const fileIds = what === "own" ? [] : what.split(" ");
    const show = (arrived: Parameters<typeof mergeDocuments>[1]) =>
      setDocuments((known) => mergeDocuments(known, arrived));
    void watch(lyceum, fileIds, controller.signal, show, () => onOpen?.());
    return () => controller.abort();
  }, [lyceum, visible, what, onOpen]);
  return documents;
}

/** Reopens the stream whenever it ends, until aborted. */
async function watch(
  lyceum: Lyceum,
  fileIds: string[],
  signal: AbortSignal,
  show: (arrived: Parameters<typeof mergeDocuments>[1]) => void,
  onOpen: () => void,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    if (failures > 0) await waitFor(Math.min(15_000, 500 * 2 ** failures), signal);
    // The stream begins with unfinished documents only: those that finished before it are fetched once it stands.
    void waitFor(300, signal).then(() => signal.aborted || onOpen());
    try {
      for await (const { document } of lyceum.ingest.watchDocuments({ fileIds }, { signal })) {
        failures = 0;
        if (document) show([document]);
      }
    } catch {
      // Whatever ended it, the next try shows whether it lasts.
    }
  }
}

function waitFor(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
