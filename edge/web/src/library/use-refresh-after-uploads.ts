import { createConnectQueryKey } from "@connectrpc/connect-query";
import { FileService } from "@lyceum/client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useApp } from "../app/app-context.tsx";
import { useStore } from "../app/store.ts";

/** Fetches every list of files anew as an upload arrives, on whatever screen one is by then. */
export function useRefreshAfterUploads(): void {
  const { uploads } = useApp();
  const queries = useQueryClient();
  const arrived = useStore(uploads.list)
    .flatMap(({ stored }) => stored?.id ?? [])
    .join(" ");
  useEffect(() => {
    if (arrived === "") return;
    const queryKey = createConnectQueryKey({ schema: FileService.method.listFiles, cardinality: undefined });
    void queries.invalidateQueries({ queryKey });
  }, [arrived, queries]);
}
