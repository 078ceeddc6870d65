import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Such as `1.4 MB`. */
export function formatSize(sizeBytes: bigint | number): string {
  let size = Number(sizeBytes);
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && size < 10 ? 1 : 0;
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: units[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: digits,
  }).format(size);
}

const spans = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Such as `3 minutes ago`; within the last minute `just now`. */
export function formatAgo(time: Timestamp | undefined, nowMs = Date.now()): string {
  if (!time) return "";
  const seconds = Math.round((timestampDate(time).getTime() - nowMs) / 1000);
  const span = spans.find(([, length]) => Math.abs(seconds) >= length);
  if (!span) return "just now";
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.trunc(seconds / span[1]), span[0]);
}

/** The moment in full, for a tooltip. */
export function formatMoment(time: Timestamp | undefined): string {
  return time ? timestampDate(time).toLocaleString() : "";
}

/** Such as `1 file` or `3 files`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString()} ${noun}${n === 1 ? "" : "s"}`;
}
