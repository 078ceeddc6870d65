/** A share from 0 to 1 as a bar and a number. */
export function bar(share: number): string {
  const width = 20;
  const full = Math.floor(share * width);
  return `[${"█".repeat(full)}${"·".repeat(width - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
}
