/** nDCG at `depth` of a ranking without repeats (Järvelin & Kekäläinen 2002), gain = grade, as in BEIR's figures. */
export function ndcg(ranking: readonly string[], grades: ReadonlyMap<string, number>, depth = 10): number {
  const gain = (grade: number, rank: number) => grade / Math.log2(rank + 2);
  const reached = ranking.slice(0, depth).reduce((sum, id, rank) => sum + gain(grades.get(id) ?? 0, rank), 0);
  const ideal = [...grades.values()].sort((a, b) => b - a).slice(0, depth);
  const best = ideal.reduce((sum, grade, rank) => sum + gain(grade, rank), 0);
  return best === 0 ? 0 : reached / best;
}

/** The share of relevant documents among the first `depth`. */
export function recall(ranking: readonly string[], grades: ReadonlyMap<string, number>, depth = 10): number {
  const relevant = [...grades].filter(([, grade]) => grade > 0).map(([id]) => id);
  return relevant.filter((id) => ranking.slice(0, depth).includes(id)).length / Math.max(1, relevant.length);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** True if one of the answers stands in the text, compared without case or spacing. */
export function holdsAnswer(text: string, answers: readonly string[]): boolean {
  const fold = (value: string) => value.normalize("NFKC").toLowerCase().replace(/\s+/g, " ");
  return answers.some((answer) => fold(text).includes(fold(answer)));
}
