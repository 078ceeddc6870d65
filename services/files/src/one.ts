/** The row that a statement must have given. */
export function one<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("A locked or new row cannot be missing.");
  return row;
}
