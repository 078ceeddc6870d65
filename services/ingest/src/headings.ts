/** A change of headings within a passage: from `at`, counted from its start, `titles` stand below the first `keep` of those before. */
export type HeadingStep = { readonly at: number; readonly keep: number; readonly titles: readonly string[] };

/** Writes which headings stretches of a passage stand under. Each title is kept once, so that they take no more room than the text. */
export function toHeadingSteps(stretches: readonly { at: number; path: readonly string[] }[]): HeadingStep[] {
  let before: readonly string[] = [];
  return stretches.map(({ at, path }) => {
    const differs = path.findIndex((title, index) => title !== before[index]);
    const keep = differs < 0 ? path.length : differs;
    before = path;
    return { at, keep, titles: path.slice(keep) };
  });
}

/** The headings at a place of a passage; undefined where all of it stands under the same ones. */
export function headingPathAt(steps: readonly HeadingStep[], place: number): string[] | undefined {
  let path: string[] | undefined;
  for (const { at, keep, titles } of steps) {
    if (path && at > place) break;
    path = [...(path ?? []).slice(0, keep), ...titles];
  }
  return path;
}
