import { useInfiniteQuery } from "@connectrpc/connect-query";
import { IngestService } from "@lyceum/client";
import { useEffect, useMemo } from "react";
import { type Section, toSections } from "./sections.ts";

/** Very long documents are told apart up to here only. */
const maxPages = 8;

/** The slides, sheets and headings of a document, as its passages tell. */
export function useSections(fileId: string): readonly Section[] {
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    IngestService.method.listPassages,
    { fileId, pageSize: 250, pageToken: "" },
    {
      pageParamKey: "pageToken",
      getNextPageParam: (page) => page.nextPageToken || undefined,
      staleTime: Number.POSITIVE_INFINITY,
    },
  );
  const isWanted = hasNextPage && (data?.pages.length ?? 0) < maxPages;
  useEffect(() => {
    if (isWanted && !isFetching) void fetchNextPage();
  }, [isWanted, isFetching, fetchNextPage]);
  return useMemo(() => toSections(data?.pages.flatMap((page) => page.passages) ?? []), [data]);
}
