import { FileService } from "@lyceum/client";
import { useEffect } from "react";
import { useApp } from "../app/app-context.tsx";
import { useStore } from "../app/store.ts";
import { useInvalidate } from "../app/use-invalidate.ts";

/** Fetches every list of files anew as an upload arrives, on whatever screen one is by then. */
export function useRefreshAfterUploads(): void {
  const { uploads } = useApp();
  const invalidate = useInvalidate();
  const arrived = useStore(uploads.list)
    .flatMap(({ stored }) => stored?.id ?? [])
    .join(" ");
  useEffect(() => {
    if (arrived !== "") void invalidate(FileService.method.listFiles, FileService.method.getUsage);
  }, [arrived, invalidate]);
}
