import { decodeText } from "./decode.ts";
import { type FailureReason, ParseFailure } from "./failure.ts";
import type { Block, ParsedPart, ParseEvent, ParseLimits } from "./parsed.ts";

/** Reads plain text: paragraphs between blank lines, verbatim. */
export async function* parseText(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const text = decodeText(bytes, limits.maxChars);
  yield* wholeSource({ text, blocks: paragraphsOf(text), words: [] }, limits);
}

/** Reads source code and data: verbatim, cut between lines only. */
export async function* parseCode(bytes: Uint8Array, limits: ParseLimits): AsyncGenerator<ParseEvent> {
  const text = decodeText(bytes, limits.maxChars);
  const blocks = [...stretches(text)].map((stretch): Block => ({ kind: "rows", ...stretch, rank: 0 }));
  yield* wholeSource({ text, blocks, words: [] }, limits);
}

/** The events of a source that has no pages. Throws ParseFailure TOO_LARGE, and EMPTY, or `ifBlank`, for no text at all. */
export function* wholeSource(
  part: ParsedPart,
  limits: ParseLimits,
  ifBlank: FailureReason = "EMPTY",
): Generator<ParseEvent> {
  if (!part.text.trim()) throw new ParseFailure(ifBlank);
  if (part.text.length > limits.maxChars) throw new ParseFailure("TOO_LARGE");
  yield { kind: "opened", pageCount: 0 };
  yield { kind: "part", page: 0, part };
}

/** Blocks between blank lines. Long lines without blank lines between them are a paragraph each. */
export function paragraphsOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const { start, end } of stretches(text)) {
    const lines = text.slice(start, end).split("\n");
    if (lines.length > 1 && end - start > lines.length * 160) {
      let at = start;
      for (const line of lines) {
        if (line.trim()) blocks.push({ kind: "paragraph", start: at, end: at + line.length, rank: 0 });
        at += line.length + 1;
      }
    } else {
      blocks.push({ kind: isTable(lines) ? "rows" : "paragraph", start, end, rank: 0 });
    }
  }
  return blocks;
}

/** Runs of lines that are not blank. */
function* stretches(text: string): Generator<{ start: number; end: number }> {
  let start = -1;
  let end = 0;
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at);
    if (text.slice(at, lineEnd).trim()) {
      if (start < 0) start = at;
      end = lineEnd;
    } else if (start >= 0) {
      yield { start, end };
      start = -1;
    }
    at = lineEnd + 1;
  }
  if (start >= 0) yield { start, end };
}

function isTable(lines: readonly string[]): boolean {
  return (
    lines.length > 1 &&
    lines.filter((line) => /[\t|]|,.*,/.test(line)).length > lines.length * 0.8 &&
    lines.every((line) => line.length < 400)
  );
}
