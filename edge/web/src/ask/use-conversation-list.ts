import { useInfiniteQuery } from "@connectrpc/connect-query";
import { RagService } from "@lyceum/client";

/** One's conversations, the last asked first, page by page. */
export function useConversationList() {
  return useInfiniteQuery(
    RagService.method.listConversations,
    { pageSize: 30, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined },
  );
}
