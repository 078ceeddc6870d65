import type { Locator } from "@lyceum/client";

/** Where in its source something stands, in words, such as `page 12 · Revenue`. */
export function sayPlace(locator: Locator | undefined): string {
  return [sayPart(locator), locator?.headingPath.at(-1)].filter(Boolean).join(" · ");
}

/** The page, slide or sheet alone; empty where there is none. */
export function sayPart(locator: Locator | undefined): string {
  if (!locator) return "";
  const { page, slide, sheet } = locator;
  if (slide > 0) return `slide ${slide}`;
  if (sheet) return `sheet ${sheet}`;
  return page > 0 ? `page ${page}` : "";
}
