import { useInfiniteQuery } from "@connectrpc/connect-query";
import { type File, FileService } from "@lyceum/client";
import { useEffect } from "react";

/** One's own files, or those others share: as far as they are known, or while `wanted` all of them, page by page. */
export function useAllFiles(shared: boolean, wanted: boolean): { files: readonly File[]; isSuccess: boolean } {
  const { data, isSuccess, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    FileService.method.listFiles,
    { shared, pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  useEffect(() => {
    if (wanted && hasNextPage && !isFetching) void fetchNextPage();
  }, [wanted, hasNextPage, isFetching, fetchNextPage]);
  return { files: data?.pages.flatMap((page) => page.files) ?? [], isSuccess };
}
