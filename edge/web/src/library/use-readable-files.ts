import type { File } from "@lyceum/client";
import { useAllFiles } from "./use-all-files.ts";

/** The files one may read, one's own first: as far as they are known, or while `wanted` all of them. */
export function useReadableFiles(wanted: boolean): { files: readonly File[]; isSuccess: boolean } {
  const own = useAllFiles(false, wanted);
  const shared = useAllFiles(true, wanted);
  return { files: [...own.files, ...shared.files], isSuccess: own.isSuccess && shared.isSuccess };
}
