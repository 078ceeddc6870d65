import { deflateSync } from "node:zlib";

/** A PDF of a few kilobytes whose only page's content is `bytes` of `filler`, deflated twice. */
export function makeBombPdf(bytes: number, filler: string): Buffer {
  const once = deflateSync(Buffer.alloc(bytes, filler), { level: 9 });
  return toPdf("/Filter [/FlateDecode /FlateDecode]", deflateSync(once, { level: 9 }));
}

/** A PDF with one page, whose content is `data`. */
function toPdf(dictionary: string, data: Buffer): Buffer {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << >> /Contents 4 0 R >>",
    `<< ${dictionary} /Length ${data.length} >>\nstream\n${data.toString("latin1")}\nendstream`,
  ];
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
