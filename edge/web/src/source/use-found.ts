import { create } from "@bufbuild/protobuf";
import { useQuery } from "@connectrpc/connect-query";
import { type Citation, CitationSchema, type Passage, RagService } from "@lyceum/client";
import { useMemo } from "react";
import { useSource } from "./source-search.ts";

/** The places of a document that speak of what the address looks for, in reading order, and the one to be shown. */
export type Found = {
  readonly passages: readonly Passage[];
  readonly current: Passage | undefined;
  /** The shown place as the viewers mark it. */
  readonly citation: Citation | undefined;
  readonly isPending: boolean;
};

const maxPlaces = 30;

export function useFound(): Found {
  const { source = "", find = "", passage } = useSource();
  const { data, isPending } = useQuery(
    RagService.method.search,
    { query: find, fileIds: [source], limit: maxPlaces },
    { enabled: find !== "", staleTime: 60_000 },
  );
  const ranked = data?.passages ?? [];
  // Without a choice, the best one.
  const current = ranked.find(({ id }) => id === passage) ?? ranked[0];
  const passages = useMemo(() => [...(data?.passages ?? [])].sort(inReadingOrder), [data]);
  const citation = useMemo(() => current && toCitation(current), [current]);
  return { passages, current, citation, isPending };
}

function inReadingOrder(a: Passage, b: Passage): number {
  return (a.locator?.charStart ?? 0) - (b.locator?.charStart ?? 0);
}

function toCitation({ id, fileId, fileName, text, locator }: Passage): Citation {
  return create(CitationSchema, { passageId: id, fileId, fileName, quote: text, ...(locator && { locator }) });
}
