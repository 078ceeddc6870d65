import type { ReadPassage } from "../retrieval.ts";

/** Asks for the newest of several, in the languages whose questions are told apart. */
const asksForNewest =
  /\b(?:latest|newest|most (?:recent|current)|neuest|jüngst|aktuellst|derni(?:er|ère)s?\b|plus récent|más (?:reciente|nuevo)|últim[oa]s?\b)/iu;

/** The passages of the newest file of each series, where the question asks for it: `minutes 2024-05` comes after `minutes 2023-11`. */
export function findNewest(passages: readonly ReadPassage[], question: string): ReadonlySet<ReadPassage> {
  if (!asksForNewest.test(question)) return new Set();
  const series = new Map<string, Map<string, ReadPassage[]>>();
  for (const read of passages) {
    const place = readPlace(read.file.name);
    if (!place) continue;
    const members = series.get(place.series) ?? new Map<string, ReadPassage[]>();
    series.set(place.series, members);
    members.set(place.order, [...(members.get(place.order) ?? []), read]);
  }
  return new Set(
    [...series.values()].flatMap((members) => {
      const newest = [...members.keys()].sort().at(-1);
      return members.size > 1 && newest !== undefined ? (members.get(newest) ?? []) : [];
    }),
  );
}

/** Which series a file's name puts it in, and where: by a year first, then by its other numbers. None for names without such. */
function readPlace(name: string): { series: string; order: string } | undefined {
  const numbers = (name.match(/\d+/g) ?? []).flatMap((digits) =>
    isDay(digits) ? [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)] : [digits],
  );
  // Longer numbers are ids, which say nothing of time.
  if (numbers.length === 0 || numbers.some((digits) => digits.length > 2 && !isYear(digits))) return undefined;
  const year = numbers.findIndex(isYear);
  // `31.12.2024` is read from its end.
  const ordered = year > 0 ? [...numbers.slice(0, year + 1).reverse(), ...numbers.slice(year + 1)] : numbers;
  return {
    series: name.replace(/\d+/g, "#").toLowerCase(),
    order: ordered.map((digits) => digits.padStart(4, "0")).join(" "),
  };
}

const isYear = (digits: string) => /^(?:19|20)\d\d$/.test(digits);
const isDay = (digits: string) => /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/.test(digits);
