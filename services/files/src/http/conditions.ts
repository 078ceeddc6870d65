import type { IncomingHttpHeaders } from "node:http";

/** What conditional requests compare with: a strong entity tag, in quotes, and a time in whole seconds. */
export type Validators = { readonly etag: string; readonly lastModified: Date };

/** What the conditions of a GET or HEAD ask for, in the order of RFC 9110 §13.2.2. */
export function readConditions(
  headers: IncomingHttpHeaders,
  { etag, lastModified }: Validators,
): "proceed" | "not-modified" | "failed" {
  const modifiedSince = (date: string) => lastModified.getTime() > Date.parse(date);
  const [ifMatch, ifNoneMatch] = [headers["if-match"], headers["if-none-match"]];
  const [ifUnmodifiedSince, ifModifiedSince] = [headers["if-unmodified-since"], headers["if-modified-since"]];
  if (ifMatch !== undefined) {
    if (!listsTag(ifMatch, etag)) return "failed";
  } else if (ifUnmodifiedSince !== undefined && modifiedSince(ifUnmodifiedSince)) return "failed";
  if (ifNoneMatch !== undefined) return listsTag(ifNoneMatch.replace(/W\/"/g, '"'), etag) ? "not-modified" : "proceed";
  // A malformed date is no date, and a comparison with NaN is false: Number.isNaN keeps it from reading as "not modified".
  if (ifModifiedSince === undefined || Number.isNaN(Date.parse(ifModifiedSince))) return "proceed";
  return modifiedSince(ifModifiedSince) ? "proceed" : "not-modified";
}

/** Whether a Range header counts: with an If-Range only for the very content that it names (RFC 9110 §13.1.5). */
export function rangeApplies(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  if (ifRange === undefined) return true;
  return ifRange.startsWith('"') ? ifRange === etag : Date.parse(ifRange) === lastModified.getTime();
}

function listsTag(list: string, etag: string): boolean {
  const tags: readonly string[] = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return list.trim() === "*" || tags.includes(etag);
}
