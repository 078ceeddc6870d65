import { invalidField, readPage, writePageToken } from "@lyceum/service";

/** A page of a list that is ordered by id, the latest first: `after` is the last id of the page before. */
export function readIdPage(req: { pageSize: number; pageToken: string }): { limit: number; after: string | undefined } {
  const { limit, after } = readPage<unknown>(req);
  if (after !== undefined && typeof after !== "string")
    throw invalidField("page_token", "is not a token that this list has given out");
  return { limit, after };
}

/** Cuts what was found, one more than the page holds if there is more. */
export function toIdPage<Row extends { readonly id: string }>(
  found: readonly Row[],
  limit: number,
): { page: readonly Row[]; nextPageToken: string } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, nextPageToken: found.length > limit && last ? writePageToken(last.id) : "" };
}
