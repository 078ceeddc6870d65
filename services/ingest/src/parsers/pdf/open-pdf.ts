import { getDocument, type PDFDocumentProxy, VerbosityLevel } from "unpdf/pdfjs";
import { ParseFailure } from "../failure.ts";

const data = new URL(".", import.meta.resolve("pdfjs-dist/package.json"));

/** Opens a PDF; takes the bytes for its own. Throws ParseFailure ENCRYPTED or CORRUPT. */
export async function openPdf(bytes: Uint8Array): Promise<PDFDocumentProxy> {
  try {
    return await getDocument({
      data: bytes,
      verbosity: VerbosityLevel.ERRORS,
      disableFontFace: true,
      useSystemFonts: false,
      useWasm: false,
      cMapUrl: new URL("cmaps/", data).href,
      cMapPacked: true,
      standardFontDataUrl: new URL("standard_fonts/", data).href,
    }).promise;
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const isLocked = error instanceof Error && error.name === "PasswordException";
    throw new ParseFailure(isLocked ? "ENCRYPTED" : "CORRUPT", { cause: error });
  }
}
