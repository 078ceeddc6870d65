import type { DocumentPassage } from "@lyceum/client";

/** A slide, a sheet or a stretch under one heading, and where it begins in the document's text, in UTF-16 units. */
export type Section = {
  readonly start: number;
  readonly name: string;
  /** How many headings it lies under; 0 for the outermost. */
  readonly depth: number;
  /** True for slides and sheets, whose names don't stand in the text. */
  readonly isApart: boolean;
};

type Placed = Pick<DocumentPassage, "locator">;

/** The sections that a document's passages, in order, lie in. */
export function toSections(passages: readonly Placed[]): Section[] {
  const sections: Section[] = [];
  let part = "";
  let path: readonly string[] = [];
  for (const { locator } of passages) {
    if (!locator) continue;
    const { charStart: start, slide, sheet, headingPath } = locator;
    const name = slide > 0 ? `Slide ${slide}` : sheet;
    if (name !== part) {
      part = name;
      path = [];
      if (name) sections.push({ start, name, depth: 0, isApart: true });
    }
    const shared = countShared(path, headingPath);
    for (const [index, heading] of headingPath.entries()) {
      // A slide's or sheet's own name may be its heading too.
      if (index < shared || heading === part) continue;
      sections.push({ start, name: heading, depth: index + (part ? 1 : 0), isApart: false });
    }
    path = headingPath;
  }
  return sections;
}

/** How many headings two paths begin with alike. */
function countShared(a: readonly string[], b: readonly string[]): number {
  const different = b.findIndex((heading, index) => heading !== a[index]);
  return different === -1 ? b.length : different;
}

/** A piece of text cut where slides and sheets begin: each part with the section that begins there, if one does. */
export function cutAtSections(
  text: string,
  offset: number,
  sections: readonly Section[],
): { section?: Section; text: string }[] {
  const within = sections.filter(({ isApart, start }) => isApart && start >= offset && start < offset + text.length);
  const [first] = within;
  const head = first ? text.slice(0, first.start - offset) : text;
  const parts = within.map((section, index) => ({
    section,
    text: text.slice(section.start - offset, (within[index + 1]?.start ?? offset + text.length) - offset),
  }));
  return head === "" ? parts : [{ text: head }, ...parts];
}
