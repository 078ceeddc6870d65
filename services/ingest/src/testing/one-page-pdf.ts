import { deflateSync } from "node:zlib";
import { assemblePdf } from "@lyceum/testing/make-pdf.ts";

/** A page's place and filters, in PDF's own words. */
export type PageOptions = {
  /** Entries of the page's dictionary, such as `/Rotate 90`; a US letter page without any. */
  readonly page?: string;
  /** Entries of the content's dictionary, such as `/Filter /FlateDecode`. */
  readonly stream?: string;
  /** Further objects, from number 6 on; the first may be a font, `/G`. */
  readonly objects?: readonly string[];
};

/** A PDF with one page, whose content is `content`; Helvetica is `/F`. */
export function onePagePdf(content: Uint8Array | string, options: PageOptions = {}): Buffer {
  const fonts = options.objects ? "/F 5 0 R /G 6 0 R" : "/F 5 0 R";
  const data = Buffer.from(content as string, "latin1");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 612 792] >>",
    `<< /Type /Page /Parent 2 0 R /Resources << /Font << ${fonts} >> >> /Contents 4 0 R ${options.page ?? ""} >>`,
    `<< ${options.stream ?? ""} /Length ${data.length} >>\nstream\n${data.toString("latin1")}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ...(options.objects ?? []),
  ];
  return assemblePdf(objects);
}

/** A PDF of a few kilobytes whose page's content is `bytes` of `filler`, deflated twice. */
export function bombPdf(bytes: number, filler: string): Buffer {
  const once = deflateSync(Buffer.alloc(bytes, filler), { level: 9 });
  return onePagePdf(deflateSync(once, { level: 9 }), { stream: "/Filter [/FlateDecode /FlateDecode]" });
}
