import type { MessageInitShape } from "@bufbuild/protobuf";
import { useInfiniteQuery } from "@connectrpc/connect-query";
import { type File, FileService, type ListFilesRequestSchema } from "@lyceum/client";

type Which = Pick<MessageInitShape<typeof ListFilesRequestSchema>, "shared" | "state" | "folderId">;

/** Files page by page, the latest first. */
export function useFiles(which: Which) {
  const query = useInfiniteQuery(
    FileService.method.listFiles,
    { ...which, pageSize: 50, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
  const files: readonly File[] = query.data?.pages.flatMap((page) => page.files) ?? [];
  return { ...query, files };
}
