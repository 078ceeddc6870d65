import { problemOf } from "@lyceum/client";
import { QueryClient } from "@tanstack/react-query";

/** Reads are repeated only where waiting may help. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (failures, error) => failures < 2 && problemOf(error).code === "unavailable",
      },
    },
  });
}
