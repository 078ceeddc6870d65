const label = "(?:(?:passages?|sources?|doc(?:ument)?s?|citations?|ref(?:erence)?s?|ids?|nr|no|p|s|#|\\^)[.:#]?\\s*)?";
const number = `${label}\\d{1,3}`;
const mark = new RegExp(`^\\s*${number}(?:\\s*(?:[,;&–—-]|and|\\s)\\s*${number})*\\s*(?:†.*)?$`, "iu");
const longest = 40;

/** Whether a text that opens a bracket may still become a mark. */
export function beginsMark(text: string): boolean {
  return text.length <= longest && !/[\n[【［]/.test(text.slice(1)) && !/[\]】］]/.test(text);
}

/** The numbers in a mark such as `[1]`, `[1, 2]`, `[1-3]`, `【1†source】` or `[passage 1]`; undefined if it is none. */
export function readMark(text: string): number[] | undefined {
  const inner = text.slice(1, -1);
  if (!/[\]】］]$/.test(text) || !mark.test(inner)) return undefined;
  const numbers = inner.replace(/†.*$/u, "").matchAll(/(\d+)(?:\s*[–—-]\s*(\d+))?/g);
  return [...numbers].flatMap(([, first, last]) => toRange(Number(first), Number(last ?? first)));
}

function toRange(first: number, last: number): number[] {
  if (last < first || last - first > 20) return [first, last];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** A bracket that is no mark, as text: a number in brackets would point to a citation. */
export function toPlainBracket(text: string): string {
  return text.replace(/^\[(\s*\d+\s*)\]$/, "($1)");
}
