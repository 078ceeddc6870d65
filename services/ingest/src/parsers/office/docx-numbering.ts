import { attribute, readXml } from "../xml.ts";

/** Counts the paragraphs of a Word document's lists. */
export type ListCounter = {
  /** What stands before the next paragraph of this list and level, such as `2.1 ` or `- `; empty where nothing does. */
  next(numberingId: string, level: number): string;
};

type Level = { format: string; pattern: string; start: number };
/** Lists may share their levels and counters, and start anew. */
type Numbering = { levelsId: string; readonly starts: Map<number, number> };
type Numberings = { readonly levels: Map<string, Map<number, Level>>; readonly lists: Map<string, Numbering> };

/** Reads how lists are numbered. */
export async function readNumbering(chunks: AsyncIterable<Uint8Array>): Promise<ListCounter> {
  const { levels, lists } = await readNumberings(chunks);
  const counts = new Map<string, number[]>();
  const begun = new Set<string>();
  return {
    next(numberingId, level) {
      const list = lists.get(numberingId);
      const known = levels.get(list?.levelsId ?? "");
      const own = known?.get(level);
      if (!list || !known || !own) return "- ";
      const count = counts.get(list.levelsId) ?? [];
      counts.set(list.levelsId, count);
      if (!begun.has(numberingId)) for (const [at, start] of list.starts) count[at] = start - 1;
      begun.add(numberingId);
      count[level] = (count[level] ?? own.start - 1) + 1;
      count.length = level + 1;
      if (own.format === "bullet") return "- ";
      const numberOf = (at: number) => formatNumber(count[at] ?? known.get(at)?.start ?? 1, known.get(at)?.format);
      const mark = own.pattern.replace(/%([1-9])/g, (_, digit: string) => numberOf(Number(digit) - 1));
      return mark.trim() ? `${mark.trim()} ` : "";
    },
  };
}

async function readNumberings(chunks: AsyncIterable<Uint8Array>): Promise<Numberings> {
  const levels = new Map<string, Map<number, Level>>();
  const lists = new Map<string, Numbering>();
  let openLevels: Map<number, Level> | undefined;
  let level: Level | undefined;
  let list: Numbering | undefined;
  let overridden = 0;
  await readXml(chunks, {
    open(name, attributes) {
      const value = attribute(attributes, "val") ?? "";
      if (name === "abstractNum") {
        openLevels = new Map();
        levels.set(attribute(attributes, "abstractNumId") ?? "", openLevels);
      } else if (name === "lvl") {
        level = { format: "decimal", pattern: "", start: 1 };
        openLevels?.set(Number(attribute(attributes, "ilvl")), level);
      } else if (name === "numFmt" && level) level.format = value;
      else if (name === "lvlText" && level) level.pattern = value;
      else if (name === "start" && level) level.start = Number(value);
      else if (name === "num") {
        list = { levelsId: "", starts: new Map() };
        lists.set(attribute(attributes, "numId") ?? "", list);
      } else if (name === "abstractNumId" && list) list.levelsId = value;
      else if (name === "lvlOverride") overridden = Number(attribute(attributes, "ilvl"));
      else if (name === "startOverride") list?.starts.set(overridden, Number(value));
    },
    close(name) {
      if (name === "abstractNum") openLevels = undefined;
      if (name === "lvl") level = undefined;
    },
  });
  return { levels, lists };
}

/** A number as lists show it: decimal where the format is another than letters and Roman numerals. */
export function formatNumber(number: number, format = "decimal"): string {
  if (format === "none") return "";
  if (number < 1 || number > 3999) return String(number);
  if (format === "lowerLetter") return letters(number);
  if (format === "upperLetter") return letters(number).toUpperCase();
  if (format === "upperRoman") return roman(number);
  if (format === "lowerRoman") return roman(number).toLowerCase();
  return String(number);
}

/** a to z, then aa to zz, and so on. */
const letters = (number: number) => String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.ceil(number / 26));

function roman(number: number): string {
  const numerals = "M:1000 CM:900 D:500 CD:400 C:100 XC:90 L:50 XL:40 X:10 IX:9 V:5 IV:4 I:1".split(" ");
  let rest = number;
  return numerals
    .map((numeral) => {
      const [name = "", value = ""] = numeral.split(":");
      const times = Math.floor(rest / Number(value));
      rest -= times * Number(value);
      return name.repeat(times);
    })
    .join("");
}
