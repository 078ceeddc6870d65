import { useNavigate, useSearch } from "@tanstack/react-router";

/**
 * The source shown beside any screen: a file and, where one opened it, the citation `cite` of an answer; or what one looks
 * for in it, empty where one is about to say, and which of the passages found is shown.
 */
export type SourceSearch = { source?: string; answer?: string; cite?: number; find?: string; passage?: string };

export function readSourceSearch(search: Record<string, unknown>): SourceSearch {
  if (typeof search.source !== "string" || search.source === "") return {};
  const { source, answer, find, passage } = search;
  if (typeof find === "string") return { source, find, ...(typeof passage === "string" && { passage }) };
  const cite = Number(search.cite);
  return typeof answer === "string" && Number.isInteger(cite) && cite > 0 ? { source, answer, cite } : { source };
}

export function useSource(): SourceSearch & { open: (source: SourceSearch) => void; close: () => void } {
  const search = readSourceSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const show = (next: SourceSearch) =>
    void navigate({
      to: ".",
      search: ({ source: _, answer: __, cite: ___, find: ____, passage: _____, ...rest }) => ({ ...rest, ...next }),
      resetScroll: false,
    });
  return { ...search, open: show, close: () => show({}) };
}
