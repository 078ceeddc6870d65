/** Which part of the library is shown: one's own files in a folder (the top level without one), shared ones, or the trash; or what is found for `q` in all of them. */
export type LibrarySearch = { folder?: string; view?: "shared" | "trash"; q?: string };

export function readLibrarySearch(search: Record<string, unknown>): LibrarySearch {
  const { view, folder, q } = search;
  const found = typeof q === "string" && q.trim() !== "" ? { q: q.trim().slice(0, 500) } : {};
  if (view === "shared" || view === "trash") return { ...found, view };
  return typeof folder === "string" && folder !== "" ? { ...found, folder } : found;
}
