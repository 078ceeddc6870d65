import { expect, test } from "vitest";
import { boxesBetween } from "../../boxes.ts";
import { defaultLimits } from "../../parsing/limits.ts";
import { onePagePdf, type PageOptions } from "../../testing/one-page-pdf.ts";
import type { ParsedPart } from "../parsed.ts";
import { parsePdf } from "./parse-pdf.ts";

const limits = { ...defaultLimits, maxPages: 10, maxChars: 100_000, pagesPerSlice: 4 };

async function read(content: string, options?: PageOptions): Promise<ParsedPart> {
  for await (const event of parsePdf(new Uint8Array(onePagePdf(content, options)), limits)) {
    if (event.kind === "part") return event.part;
  }
  throw new Error("No page came.");
}

/** Lines set one below the other, 14 points apart, in 12 points unless said otherwise. */
function lines(texts: readonly string[], { x = 72, y = 700, size = 12, leading = 14 } = {}): string {
  return `BT /F ${size} Tf ${leading} TL ${x} ${y} Td ${texts.map((text) => `(${text}) Tj T*`).join(" ")} ET `;
}

const blocksOf = ({ text, blocks }: ParsedPart) => blocks.map(({ kind, start, end }) => [kind, text.slice(start, end)]);

function boxOf(part: ParsedPart, words: string) {
  const start = part.text.indexOf(words);
  const [box] = boxesBetween(part.words, 1, start, start + words.length);
  return [box?.x, box?.y, box?.width, box?.height].map((value) => Math.round((value ?? -1) * 100) / 100);
}

test("lines flow together to paragraphs; distance, bullets and size part them", async () => {
  const part = await read(
    lines(["Annual report"], { size: 24, y: 750 }) +
      lines(["The first paragraph begins here and", "goes on in a second line."]) +
      lines(["Another one stands apart.", "1. A list item", "2. Another"], { y: 650 }),
  );
  expect(blocksOf(part)).toEqual([
    ["heading", "Annual report"],
    ["paragraph", "The first paragraph begins here and goes on in a second line."],
    ["paragraph", "Another one stands apart."],
    ["paragraph", "1. A list item"],
    ["paragraph", "2. Another"],
  ]);
});

test("a word broken at a line's end is one word, with a box in each line; a compound keeps its hyphen", async () => {
  const part = await read(lines(["It was a well-known exam-", "ple of a very well-", "known kind."]));
  expect(part.text).toBe("It was a well-known example of a very well-known kind.");
  const start = part.text.indexOf("example");
  const boxes = boxesBetween(part.words, 1, start, start + "example".length);
  expect(boxes).toHaveLength(2);
  expect(boxes[0]?.y).toBeLessThan(boxes[1]?.y ?? 0);
});

test("columns are read one after the other, as the file has them", async () => {
  const left = ["The left column comes", "first and goes on at the"];
  const right = ["top of the right one", "until its end."];
  const part = await read(lines(left) + lines(right, { x: 320 }));
  expect(part.text).toBe("The left column comes first and goes on at the top of the right one until its end.");
});

test("wide gaps part cells, line ends part rows", async () => {
  const row = (y: number, cells: string[]) =>
    cells.map((cell, index) => lines([cell], { x: 72 + index * 150, y })).join("");
  const part = await read(row(700, ["Net sales", "117,154", "123,945"]) + row(686, ["Cost", "66,822", "69,702"]));
  expect(blocksOf(part)).toEqual([["rows", "Net sales\t117,154\t123,945\nCost\t66,822\t69,702"]]);
});

test("boxes are fractions of the page from its top left", async () => {
  const part = await read(lines(["Words in place"]));
  expect(boxOf(part, "Words in place")).toEqual([0.12, 0.1, 0.13, 0.02]);
  expect(boxOf(part, "place")).toEqual([0.2, 0.1, 0.05, 0.02]);
});

test("a turned page is seen turned", async () => {
  // Set upwards on the sheet, so that it reads from left to right once the sheet is turned clockwise.
  const sideways = "BT /F 12 Tf 0 1 -1 0 100 92 Tm (Sideways) Tj ET";
  expect(boxOf(await read(sideways, { page: "/Rotate 90" }), "Sideways")).toEqual([0.12, 0.15, 0.06, 0.02]);
  expect(boxOf(await read(lines(["Over"]), { page: "/Rotate 180" }), "Over")[0]).toBeGreaterThan(0.8);
});

test("what is cropped is the whole page, and what lies outside is not read", async () => {
  const part = await read(lines(["Inside"], { x: 172, y: 592 }) + lines(["Beyond"], { x: 10, y: 20 }), {
    page: "/CropBox [72 392 472 792]",
  });
  expect(boxOf(part, "Inside")).toEqual([0.25, 0.47, 0.08, 0.03]);
  expect(part.text).toBe("Inside");
});

test("text set twice for boldness is read once", async () => {
  expect((await read(lines(["Bold words"]) + lines(["Bold words"], { x: 72.4 }))).text).toBe("Bold words");
});

test("notes typed onto the page and filled forms are text; hidden ones are not", async () => {
  const field = (value: string, flags: number) =>
    `<< /Type /Annot /Subtype /Widget /FT /Tx /T (${value}) /V (${value}) /F ${flags} /Rect [72 600 272 620] >>`;
  const options = {
    page: "/Annots [6 0 R 7 0 R 8 0 R]",
    objects: [
      field("Filled in", 4),
      field("Hidden", 2),
      "<< /Type /Annot /Subtype /FreeText /Contents (A note) /F 4 /DA (/F 12 Tf) /Rect [72 500 272 520] >>",
    ],
  };
  const part = await read(lines(["Name:"]), options);
  expect(part.text.split("\n\n").toSorted()).toEqual(["A note", "Filled in", "Name:"]);
  expect(boxOf(part, "Filled in")).toEqual([0.12, 0.22, 0.33, 0.03]);
});

test("a document without text, or protected, says so", async () => {
  const drawing = new Uint8Array(onePagePdf("0 0 m 9 9 l S"));
  const readAll = async () => {
    for await (const _ of parsePdf(drawing, limits));
  };
  await expect(readAll()).rejects.toMatchObject({ reason: "NO_TEXT" });
  const locked = onePagePdf("")
    .toString("latin1")
    .replace(
      "/Root 1 0 R",
      "/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O (12345678901234567890123456789012) /U (12345678901234567890123456789012) >>",
    );
  const parsing = parsePdf(new Uint8Array(Buffer.from(locked, "latin1")), limits).next();
  await expect(parsing).rejects.toMatchObject({ reason: "ENCRYPTED" });
});
