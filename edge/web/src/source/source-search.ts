import { useNavigate, useSearch } from "@tanstack/react-router";

/** The source shown beside any screen: a file and, where one opened it, the citation `cite` of an answer. */
export type SourceSearch = { source?: string; answer?: string; cite?: number };

export function readSourceSearch(search: Record<string, unknown>): SourceSearch {
  if (typeof search.source !== "string" || search.source === "") return {};
  const { source, answer } = search;
  const cite = Number(search.cite);
  return typeof answer === "string" && Number.isInteger(cite) && cite > 0 ? { source, answer, cite } : { source };
}

export function useSource(): SourceSearch & { open: (source: SourceSearch) => void; close: () => void } {
  const search = readSourceSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const show = (next: SourceSearch) =>
    void navigate({
      to: ".",
      search: ({ source: _, answer: __, cite: ___, ...rest }) => ({ ...rest, ...next }),
      resetScroll: false,
    });
  return { ...search, open: show, close: () => show({}) };
}
