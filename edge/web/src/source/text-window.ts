/** The part of a long text that is shown: what is marked, and what stands around it. */
export type TextWindow = { from: number; to: number; before: string; marked: string; after: string };

/** How many characters are shown on each side at first, and are added by each step. */
const stepLength = 60_000;

/**
 * Cuts the window at line ends. `start` and `end` are UTF-16 offsets; an empty or impossible range marks nothing. `more`
 * counts the steps by which the window was widened.
 */
export function toWindow(
  text: string,
  { start, end }: { start: number; end: number },
  more: { before: number; after: number },
): TextWindow {
  const from0 = Math.min(Math.max(0, start), text.length);
  const to0 = Math.min(Math.max(from0, end), text.length);
  const from = lineStart(text, from0 - stepLength * (more.before + 1));
  const to = lineEnd(text, to0 + stepLength * (more.after + 1));
  return { from, to, before: text.slice(from, from0), marked: text.slice(from0, to0), after: text.slice(to0, to) };
}

function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = at >= text.length ? -1 : text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}
