/** Which part of the library is shown: one's own files in a folder (the top level without one), shared ones, or the trash. */
export type LibrarySearch = { folder?: string; view?: "shared" | "trash" };

export function readLibrarySearch(search: Record<string, unknown>): LibrarySearch {
  if (search.view === "shared" || search.view === "trash") return { view: search.view };
  return typeof search.folder === "string" && search.folder !== "" ? { folder: search.folder } : {};
}
