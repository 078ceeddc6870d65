import { strToU8, zipSync } from "fflate";

/** A zip of these entries. */
export function makeZip(entries: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const bytes = Object.entries(entries).map(([name, content]) => [
    name,
    typeof content === "string" ? strToU8(content) : content,
  ]);
  return zipSync(Object.fromEntries(bytes), { level: 9 });
}

const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const r = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** A part's relations: id, type and target of each. */
export function relations(...list: readonly (readonly [id: string, type: string, target: string])[]): string {
  const base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const rows = list.map(([id, type, target]) => `<Relationship Id="${id}" Type="${base}/${type}" Target="${target}"/>`);
  return `${declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${rows.join("")}</Relationships>`;
}

/** A Word document with this body. Further parts, such as `styles` or `footnotes`, are given without their outermost element. */
export function makeDocx(body: string, parts: Readonly<Record<string, string>> = {}): Uint8Array {
  const names = Object.keys(parts);
  return makeZip({
    "_rels/.rels": relations(["rId1", "officeDocument", "word/document.xml"]),
    "word/document.xml": `${declaration}<w:document ${w} ${r}><w:body>${body}</w:body></w:document>`,
    "word/_rels/document.xml.rels": relations(...names.map((name) => [`rId_${name}`, name, `${name}.xml`] as const)),
    ...Object.fromEntries(
      names.map((name) => [`word/${name}.xml`, `${declaration}<w:${name} ${w}>${parts[name]}</w:${name}>`]),
    ),
  });
}

/** A Word paragraph of one run. `properties` are its own, `run` the run's. */
export const wordParagraph = (text: string, properties = "", run = ""): string =>
  `<w:p><w:pPr>${properties}</w:pPr><w:r><w:rPr>${run}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

/** A presentation: of each slide the XML of its shapes; `notes` by the slide's index. */
export function makePptx(slides: readonly string[], notes: Readonly<Record<number, string>> = {}): Uint8Array {
  const p = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"';
  const entries: Record<string, string> = {
    "_rels/.rels": relations(["rId1", "officeDocument", "ppt/presentation.xml"]),
    "ppt/presentation.xml": `${declaration}<p:presentation ${p} ${r}><p:sldIdLst>${slides
      .map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`)
      .join("")}</p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relations(
      ...slides.map((_, index) => [`rId${index + 1}`, "slide", `slides/slide${index + 1}.xml`] as const),
    ),
  };
  for (const [index, shapes] of slides.entries()) {
    const tree = (content: string) => `<p:cSld><p:spTree>${content}</p:spTree></p:cSld>`;
    entries[`ppt/slides/slide${index + 1}.xml`] = `${declaration}<p:sld ${p} ${a}>${tree(shapes)}</p:sld>`;
    if (!notes[index]) continue;
    entries[`ppt/slides/_rels/slide${index + 1}.xml.rels`] = relations([
      "rId1",
      "notesSlide",
      `../notesSlides/notesSlide${index + 1}.xml`,
    ]);
    entries[`ppt/notesSlides/notesSlide${index + 1}.xml`] =
      `${declaration}<p:notes ${p} ${a}>${tree(notes[index])}</p:notes>`;
  }
  return makeZip(entries);
}

/** A shape with a paragraph for each text; a tab before a text sets it one level deeper. */
export function slideShape(placeholder: string | undefined, ...texts: readonly string[]): string {
  const paragraphs = texts.map(
    (text) => `<a:p><a:pPr lvl="${text.startsWith("\t") ? 1 : 0}"/><a:r><a:t>${text.trim()}</a:t></a:r></a:p>`,
  );
  const place = placeholder === undefined ? "" : `<p:ph type="${placeholder}"/>`;
  return `<p:sp><p:nvSpPr><p:nvPr>${place}</p:nvPr></p:nvSpPr><p:txBody>${paragraphs.join("")}</p:txBody></p:sp>`;
}

/** A workbook: of each sheet the XML of its rows. `parts` are further parts of the workbook, such as `styles`. */
export function makeXlsx(
  sheets: Readonly<Record<string, string>>,
  parts: Readonly<Record<string, string>> = {},
  hidden: readonly string[] = [],
): Uint8Array {
  const s = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const names = Object.keys(sheets);
  const listed = names.map(
    (name, index) =>
      `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"${hidden.includes(name) ? ' state="hidden"' : ""}/>`,
  );
  return makeZip({
    "_rels/.rels": relations(["rId1", "officeDocument", "xl/workbook.xml"]),
    "xl/workbook.xml": `${declaration}<workbook ${s} ${r}><sheets>${listed.join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relations(
      ...names.map((_, index) => [`rId${index + 1}`, "worksheet", `worksheets/sheet${index + 1}.xml`] as const),
      ...Object.keys(parts).map((part) => [`rId_${part}`, part, `${part}.xml`] as const),
    ),
    ...Object.fromEntries(
      names.map((name, index) => [
        `xl/worksheets/sheet${index + 1}.xml`,
        `${declaration}<worksheet ${s}><sheetData>${sheets[name]}</sheetData></worksheet>`,
      ]),
    ),
    ...Object.fromEntries(Object.entries(parts).map(([part, content]) => [`xl/${part}.xml`, declaration + content])),
  });
}
