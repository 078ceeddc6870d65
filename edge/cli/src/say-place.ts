import type { Locator } from "@lyceum/client";

/** Where in its file something stands, such as `page 3, Tides › Neap`; empty if all there is to say is the file. */
export function sayPlace(locator: Locator | undefined): string {
  if (!locator) return "";
  const { page, headingPath } = locator;
  return [page > 0 ? `page ${page}` : "", headingPath.join(" › ")].filter(Boolean).join(", ");
}
