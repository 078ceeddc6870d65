import { attribute, readXml } from "../xml.ts";

/** What a paragraph's or a run's style says that matters here. */
export type Style = {
  /** Of a heading; undefined for any other. */
  readonly rank?: number;
  readonly numberingId?: string;
  readonly level?: number;
  readonly isHidden: boolean;
  /** True for the lines of a table of contents, which say again what the headings say. */
  readonly isContents: boolean;
};

type Declared = {
  name: string;
  basedOn?: string;
  outlineLevel?: number;
  numberingId?: string;
  level?: number;
  isHidden?: boolean;
};

const maxChain = 12;

/** The styles of a Word document by id, with what they take from those they are based on. */
export async function readStyles(chunks: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Style>> {
  const declared = new Map<string, Declared>();
  let style: Declared | undefined;
  await readXml(chunks, {
    open(name, attributes) {
      if (name === "style") {
        style = { name: "" };
        declared.set(attribute(attributes, "styleId") ?? "", style);
        return;
      }
      if (!style) return;
      const value = attribute(attributes, "val") ?? "";
      if (name === "name") style.name = value.toLowerCase();
      else if (name === "basedOn") style.basedOn = value;
      else if (name === "outlineLvl") style.outlineLevel = Number(value);
      else if (name === "numId") style.numberingId = value;
      else if (name === "ilvl") style.level = Number(value);
      else if (name === "vanish") style.isHidden = isOn(value);
    },
    close(name) {
      if (name === "style") style = undefined;
    },
  });
  return new Map([...declared.keys()].map((id) => [id, resolve(declared, id)]));
}

/** A switch is on by being there, unless its value says otherwise. */
export const isOn = (value: string): boolean => !["0", "false", "off"].includes(value);

function resolve(declared: ReadonlyMap<string, Declared>, id: string): Style {
  const chain: Declared[] = [];
  for (let at = declared.get(id); at && chain.length < maxChain; at = declared.get(at.basedOn ?? "")) chain.push(at);
  const first = <T>(pick: (style: Declared) => T | undefined) => chain.map(pick).find((value) => value !== undefined);
  const rank = first(rankOf);
  const numberingId = first((style) => style.numberingId);
  return {
    ...(rank !== undefined && rank < 10 && { rank }),
    ...(numberingId !== undefined && { numberingId, level: first((style) => style.level) ?? 0 }),
    isHidden: first((style) => style.isHidden) ?? false,
    isContents: chain.some(({ name }) => /^toc \d/.test(name)),
  };
}

/** From the name, which is English in documents of all languages, or the outline level, whose 9 means none. */
function rankOf({ name, outlineLevel }: Declared): number | undefined {
  if (name === "title") return 0;
  const heading = /^heading ([1-9])$/.exec(name);
  return heading ? Number(heading[1]) : outlineLevel === undefined ? undefined : outlineLevel + 1;
}
