/** How much of a passage is shown. */
const maxLength = 280;

/** The words of a query that are worth marking. */
export function toWords(query: string): string[] {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
  const long = words.filter((word) => word.length > 2 || /\P{ASCII}/u.test(word));
  return long.length > 0 ? long : words;
}

/** The stretch of a text around the first of the query's words in it, on one line, with dots where it is cut. */
export function cutAround(text: string, query: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= maxLength) return line;
  const lower = line.toLowerCase();
  const places = toWords(query).map((word) => lower.indexOf(word.toLowerCase()));
  const first = Math.min(...places.filter((at) => at >= 0), line.length);
  if (first + maxLength / 2 < maxLength || first === line.length) return `${cutEnd(line, maxLength)} …`;
  const from = line.indexOf(" ", Math.min(first - 80, line.length - maxLength)) + 1;
  const rest = line.slice(from);
  return `… ${rest.length <= maxLength ? rest : `${cutEnd(rest, maxLength)} …`}`;
}

/** Cut before the word that would be broken. */
function cutEnd(line: string, length: number): string {
  const end = line.lastIndexOf(" ", length);
  return line.slice(0, end > length / 2 ? end : length);
}
