/** Whether what was found answers the question at all: `sentences` the best ones, `passages` how much of the question each passage covers. */
export function isRelevant(
  sentences: readonly { readonly coverage: number; readonly cosine: number | undefined }[],
  passages: readonly number[],
): boolean {
  const best = Math.max(0, ...sentences.map(({ coverage }) => coverage));
  const passage = Math.max(0, ...passages);
  return sentences.length > 0 && best >= 0.2 && passage >= 0.35;
}
