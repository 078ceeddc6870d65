/** One measured figure: what it is, what was asked of it, and whether it held. */
export type Figure = {
  /** As in the list of figures: `S1`, `S10`, … */
  id: string;
  name: string;
  value: number;
  unit: string;
  /** Against the peer of the same run; absent where the figure is a floor. */
  ratio?: number;
  /** What `ratio`, or `value` without one, should be at most (`<=`) or at least (`>=`). */
  bound?: string | undefined;
  ok?: boolean;
  note: string;
};

/** Fills `ok` in from `bound`. */
export function judge(figure: Figure): Figure {
  const [, sign, limit] = /^(<=|>=) ([\d.]+)/.exec(figure.bound ?? "") ?? [];
  if (!sign) return figure;
  const measured = figure.ratio ?? figure.value;
  return { ...figure, ok: sign === "<=" ? measured <= Number(limit) : measured >= Number(limit) };
}

/** The figures as a table for people. */
export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ id, name, value, unit, ratio, bound, ok, note }) => [
    id,
    name,
    `${round(value)} ${unit}`,
    ratio === undefined ? "" : `${round(ratio)} ×`,
    bound ?? "",
    ok === undefined ? "" : ok ? "ok" : "FELL SHORT",
    note,
  ]);
  const head = ["#", "what", "value", "ratio", "asked", "", "note"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const round = (value: number) => Number(value.toPrecision(3));

/** The middle of the values, or any other quantile between 0 and 1 (nearest rank). */
export function quantile(values: readonly number[], q = 0.5): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}
