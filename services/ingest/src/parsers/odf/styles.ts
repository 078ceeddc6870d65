import { type Attributes, attribute } from "../xml.ts";

/** What an OpenDocument file's automatic styles say that matters here. They stand before what they are for. */
export type Styles = {
  /** Hears of each element. */
  open(name: string, attributes: Attributes): void;
  /** True if the style of an element with these attributes hides it. */
  hides(attributes: Attributes): boolean;
  /** True if lists of this style are numbered at this level, from 1. */
  isNumbered(listStyle: string, level: number): boolean;
};

/** Gathers styles from the elements it hears of. */
export function createStyles(): Styles {
  const hidden = new Set<string>();
  const numbered = new Set<string>();
  let current = "";
  return {
    open(name, attributes) {
      if (name === "style" || name === "list-style") current = attribute(attributes, "name") ?? "";
      else if (name === "list-level-style-number") numbered.add(`${current} ${attribute(attributes, "level")}`);
      else if (name.endsWith("-properties")) {
        const display = attribute(attributes, "display");
        const isHidden = display === "none" || display === "false" || attribute(attributes, "visibility") === "hidden";
        if (isHidden) hidden.add(current);
      }
    },
    hides: (attributes) => hidden.has(attribute(attributes, "style-name") ?? ""),
    isNumbered: (listStyle, level) => numbered.has(`${listStyle} ${level}`),
  };
}
