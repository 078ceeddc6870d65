import type { Locator } from "@lyceum/client";

/** Where in its source something stands, in words, such as `page 12 · Revenue`. */
export function sayPlace(locator: Locator | undefined): string {
  if (!locator) return "";
  const { page, slide, sheet, headingPath } = locator;
  const part = slide > 0 ? `slide ${slide}` : sheet ? `sheet ${sheet}` : page > 0 && `page ${page}`;
  return [part, headingPath.at(-1)].filter(Boolean).join(" · ");
}
