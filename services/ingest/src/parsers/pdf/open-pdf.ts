import { fileURLToPath } from "node:url";
import { getDocument, type PDFDocumentProxy, VerbosityLevel } from "unpdf/pdfjs";
import { ParseFailure } from "../failure.ts";

// Paths, not URLs: pdf.js hands them to node:fs as they are.
const dataPath = (folder: string) => fileURLToPath(new URL(folder, import.meta.resolve("pdfjs-dist/package.json")));

/** Opens a PDF; takes the bytes for its own. Throws ParseFailure ENCRYPTED or CORRUPT. */
export async function openPdf(bytes: Uint8Array): Promise<PDFDocumentProxy> {
  try {
    return await getDocument({
      data: bytes,
      verbosity: VerbosityLevel.ERRORS,
      disableFontFace: true,
      useSystemFonts: false,
      useWasm: false,
      cMapUrl: dataPath("cmaps/"),
      cMapPacked: true,
      standardFontDataUrl: dataPath("standard_fonts/"),
    }).promise;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const isLocked = error instanceof Error && error.name === "PasswordException";
    throw new ParseFailure(isLocked ? "ENCRYPTED" : "CORRUPT", { cause: error });
  }
}
