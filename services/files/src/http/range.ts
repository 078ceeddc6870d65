import type { ByteRange } from "../blobs/index.ts";

/**
 * Reads a Range header for content of `sizeBytes` (RFC 9110 §14.2). `whole` also stands for what a server may ignore:
 * other units, malformed ranges, and more than one range.
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | "whole" | "unsatisfiable" {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "");
  const [first, last] = [match?.[1] ?? "", match?.[2] ?? ""];
  if (first === "" && last === "") return "whole";
  if (first === "") return within(Math.max(0, sizeBytes - Number(last)), sizeBytes - 1, Number(last) > 0);
  if (last !== "" && isLess(last, first)) return "whole";
  return within(Number(first), Math.min(last === "" ? Infinity : Number(last), sizeBytes - 1));
}

function within(start: number, end: number, wanted = true): ByteRange | "unsatisfiable" {
  return wanted && start <= end ? { start, end } : "unsatisfiable";
}

// Positions beyond 2^53 are not exact as numbers.
const isLess = (a: string, b: string) => BigInt(a) < BigInt(b);
