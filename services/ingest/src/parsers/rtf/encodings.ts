/** Encodings by the numbers of Windows' code pages; others than these have a number that says it. */
const encodings = new Map([
  [437, "windows-1252"],
  [850, "windows-1252"],
  [874, "windows-874"],
  [932, "shift_jis"],
  [936, "gb18030"],
  [949, "euc-kr"],
  [950, "big5"],
  [10_000, "macintosh"],
  [10_007, "x-mac-cyrillic"],
  [65_001, "utf-8"],
]);

/** Code pages by the numbers that fonts have for their alphabets; 0 and 1 leave it to the document. */
const codePages = new Map([
  [77, 10_000],
  [128, 932],
  [129, 949],
  [134, 936],
  [136, 950],
  [161, 1253],
  [162, 1254],
  [163, 1258],
  [177, 1255],
  [178, 1256],
  [186, 1257],
  [204, 1251],
  [222, 874],
  [238, 1250],
]);

/** The encoding of a code page; Windows-1252 where there is none. */
export function encodingOfCodePage(codePage: number): string {
  return encodings.get(codePage) ?? (codePage >= 1250 && codePage <= 1258 ? `windows-${codePage}` : "windows-1252");
}

/** The encoding of a font's alphabet (`\fcharset`); undefined where the document's holds. */
export function encodingOfCharset(charset: number): string | undefined {
  const codePage = codePages.get(charset);
  return codePage === undefined ? undefined : encodingOfCodePage(codePage);
}
