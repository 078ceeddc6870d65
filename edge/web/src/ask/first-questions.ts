import type { DocumentPassage } from "@lyceum/client";
import { toSections } from "../source/sections.ts";

type Passage = Pick<DocumentPassage, "text" | "locator">;

/**
 * Questions that a document suggests: those that it puts itself, as headings or exercises, else one for what stands under a
 * heading; spread over the whole of it, at most `limit`.
 */
export function toFirstQuestions(passages: readonly Passage[], limit = 3): string[] {
  const own = passages.flatMap(({ text }) => text.split("\n").map(toQuestion)).filter((line) => line !== "");
  if (own.length > 0) return spread([...new Set(own)], limit);
  const headings = toSections(passages).filter(({ isApart, name }) => !isApart && isTelling(name));
  const names = [...new Set(headings.map(({ name }) => name.trim()))];
  // A single heading is the title: whoever opened the document knows it.
  return names.length < 2 ? [] : spread(names.slice(1), limit).map((name) => `What does it say about ${quoted(name)}?`);
}

/** A line that is a question and nothing else, without its number; empty for other lines. */
function toQuestion(line: string): string {
  const words = line.trim().replace(/^(#+|[-*•]|\(?[\p{N}]{1,3}[.)])\s+/u, "");
  return /^[\p{Lu}\p{Lo}¿][^.!:?…]{10,90}[?？؟]$/u.test(words) ? words : "";
}

function isTelling(heading: string): boolean {
  return /\p{L}{3}/u.test(heading) && heading.length <= 60;
}

const quoted = (name: string) => `“${name.replace(/[:.]$/, "")}”`;

/** Some of the items, evenly from first to last. */
function spread<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  const step = (items.length - 1) / (limit - 1);
  return Array.from({ length: limit }, (_, at) => items[Math.round(at * step)] as T);
}
