/** Raised when the rules below change: names are then cut into words anew. */
export const wordRules = 1;

/** The words of a name as they are compared: without case, accents and punctuation, each once. */
export function toNameWords(name: string): string[] {
  return [...new Set(fold(name).match(/[\p{L}\p{N}]+/gu))];
}

/** Letters that are no base letter with an accent, yet are typed as if they were. */
const plain: Record<string, string> = { ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ı: "i" };

function fold(name: string): string {
  // Upper case first: it writes ß as SS.
  const lower = name.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
  return lower.replace(/\p{M}/gu, "").replace(/[øłđðþæœı]/g, (letter) => plain[letter] ?? letter);
}
