import type { File } from "@lyceum/client";
import { useEffect } from "react";
import { useFiles } from "./use-files.ts";

/** One's own files, or those others share: as far as they are known, or while `wanted` all of them, page by page. */
export function useAllFiles(shared: boolean, wanted: boolean): { files: readonly File[]; isSuccess: boolean } {
  const { files, isSuccess, hasNextPage, isFetching, fetchNextPage } = useFiles({ shared });
  useEffect(() => {
    if (wanted && hasNextPage && !isFetching) void fetchNextPage();
  }, [wanted, hasNextPage, isFetching, fetchNextPage]);
  return { files, isSuccess };
}
