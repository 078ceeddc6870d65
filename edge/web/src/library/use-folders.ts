import { useInfiniteQuery } from "@connectrpc/connect-query";
import { FileService } from "@lyceum/client";
import { useEffect, useMemo } from "react";
import type { FolderMap } from "./folders.ts";

/** All of one's folders; `isComplete` once the last page of them is there. */
export function useFolders(): { folders: FolderMap; isComplete: boolean } {
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    FileService.method.listFolders,
    { pageSize: 250, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined, staleTime: 60_000 },
  );
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const folders = useMemo(
    () => new Map(data?.pages.flatMap((page) => page.folders).map((folder) => [folder.id, folder] as const)),
    [data],
  );
  return { folders, isComplete: data !== undefined && !hasNextPage };
}
