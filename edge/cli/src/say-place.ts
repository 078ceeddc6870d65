import type { Locator } from "@lyceum/client";

/** Where in its file something stands, such as `page 3, Tides › Neap`; empty if all there is to say is the file. */
export function sayPlace(locator: Locator | undefined): string {
  if (!locator) return "";
  const { page, slide, sheet, timeStart, timeEnd, headingPath } = locator;
  const places = [
    page > 0 && `page ${page}`,
    slide > 0 && `slide ${slide}`,
    sheet && `sheet ${sheet}`,
    timeEnd > 0 && sayTime(timeStart),
    headingPath.join(" › "),
  ];
  return places.filter(Boolean).join(", ");
}

function sayTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return `${minutes}:${String(rest).padStart(2, "0")}`;
}
