/** A small but real PDF (ISO 32000-1): one page per list of lines, Helvetica 12, the first line near the top. */
export function makePdf(pages: readonly (readonly string[])[]): Buffer {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${pages.map((_, index) => `${4 + 2 * index} 0 R`).join(" ")}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ...pages.flatMap((lines, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
      toStream(`BT /F1 12 Tf 72 720 Td 18 TL ${lines.map((line) => `(${escapeText(line)}) Tj T*`).join(" ")} ET`),
    ]),
  ];
  return assemblePdf(objects);
}

/** Numbers the objects from 1, the first being the catalog, and adds header, cross-reference table and trailer. */
export function assemblePdf(objects: readonly string[]): Buffer {
  let pdf = "%PDF-1.7\n";
  const offsets = objects.map((body, index) => {
    const offset = pdf.length;
    pdf += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  pdf += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`;
  return Buffer.from(pdf, "latin1");
}

const toStream = (content: string) => `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
const escapeText = (text: string) => text.replace(/[\\()]/g, "\\$&");
