import type { DescMethodUnary } from "@bufbuild/protobuf";
import { createConnectQueryKey } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

/** Has everything fetched anew that a method answered, for whichever request. */
export function useInvalidate(): (...methods: readonly DescMethodUnary[]) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async (...methods) => {
      const keys = methods.map((schema) => createConnectQueryKey({ schema, cardinality: undefined }));
      await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    [queries],
  );
}
