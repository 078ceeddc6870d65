import { expect, test } from "vitest";
import { makeCompound } from "../../testing/make-compound.ts";
import { readBlocks, readParts, readText, reasonFor } from "../../testing/read-parts.ts";
import { parseCompound } from "./compound.ts";

const u16 = (...values: number[]) => Buffer.from(new Uint16Array(values).buffer);
const u32 = (...values: number[]) => Buffer.from(new Uint32Array(values.map((value) => value >>> 0)).buffer);
const reasons = [undefined, "CORRUPT", "UNSUPPORTED", "NO_TEXT", "TOO_LARGE", "ENCRYPTED", "RangeError"];

/** A Word document of two pieces, in Windows-1252 and UTF-16, with headers after `bodyLength` and `notesLength`. */
function makeDoc(narrow: string, wide: string, lengths: readonly number[], flags = 0x0200): Uint8Array {
  const main = Buffer.alloc(1024);
  main.writeUInt16LE(0xa5ec, 0);
  main.writeUInt16LE(flags, 10);
  for (const [index, length] of lengths.entries()) main.writeUInt32LE(length, 76 + index * 4);
  const texts = [Buffer.from(narrow, "latin1"), Buffer.from(wide, "utf16le")] as const;
  const piece = (place: number) => Buffer.concat([u16(0), u32(place), u16(0)]);
  const list = Buffer.concat([
    u32(0, narrow.length, narrow.length + wide.length),
    piece(0x40000000 | (1024 * 2)),
    piece(1024 + narrow.length),
  ]);
  // A change of format comes first.
  const table = Buffer.concat([Buffer.from([1, 2, 0, 9, 9, 2]), u32(list.length), list]);
  main.writeUInt32LE(0, 418);
  main.writeUInt32LE(table.length, 422);
  return makeCompound({ WordDocument: Buffer.concat([main, ...texts]), "1Table": table });
}

const record = (type: number, ...body: Buffer[]) => {
  const bytes = Buffer.concat(body);
  return Buffer.concat([u16(type, bytes.length), bytes]);
};
const wideText = (text: string, lengthBytes: 1 | 2) =>
  Buffer.concat([
    lengthBytes === 1 ? Buffer.from([text.length]) : u16(text.length),
    Buffer.from([1]),
    Buffer.from(text, "utf16le"),
  ]);
const double = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};

/** A workbook of a seen and a hidden sheet; the first has these records. */
function makeXls(cells: readonly Buffer[], shared: readonly Buffer[] = []): Uint8Array {
  const begin = record(0x0809, u16(0x0600, 5, 0, 0), u32(0, 0));
  const end = record(0x000a);
  const styles = [
    record(0x041e, u16(164), wideText("yyyy\\-mm", 2)),
    record(0x00e0, u16(0, 0, 0)),
    record(0x00e0, u16(0, 164, 0)),
  ];
  const sheet = (offset: number, name: string, hidden = 0) =>
    record(0x0085, u32(offset), Buffer.from([hidden, 0]), wideText(name, 1));
  const head = (first: number, second: number) =>
    Buffer.concat([begin, ...styles, sheet(first, "Größen"), sheet(second, "Secret", 1), ...shared, end]);
  const offset = head(0, 0).length;
  const chart = Buffer.concat([begin, record(0x0203, u16(99, 0, 0), double(666)), end]);
  const first = Buffer.concat([begin, chart, ...cells, end]);
  const second = Buffer.concat([begin, record(0x0204, u16(0, 0, 0), wideText("hidden", 2)), end]);
  return makeCompound({ Workbook: Buffer.concat([head(offset, offset + first.length), first, second]) });
}

const atom = (type: number, body: Buffer, head = 0) => Buffer.concat([u16(head, type), u32(body.length), body]);
const container = (type: number, ...children: Buffer[]) => atom(type, Buffer.concat(children), 15);

/** A presentation of two slides in the order 2, 1 of the file, the second with a text box of its own. */
function makePpt(token = 0xe391c05f): Uint8Array {
  const title = (text: string) => [atom(0x0f9f, u32(0)), atom(0x0fa0, Buffer.from(text, "utf16le"))];
  const body = (text: string) => [atom(0x0f9f, u32(1)), atom(0x0fa8, Buffer.from(text, "latin1"))];
  const list = container(
    0x0ff0,
    atom(0x03f3, u32(3)),
    ...title("Zellen größer"),
    ...body("One\rTwo\vlines"),
    atom(0x03f3, u32(2)),
    ...title("Last"),
  );
  const document = container(0x03e8, list);
  const plain = container(0x03ee);
  const boxed = container(
    0x03ee,
    container(0x040c, container(0xf00d, atom(0x0f9f, u32(4)), atom(0x0fa8, Buffer.from("Boxed")))),
  );
  const objects = [document, boxed, plain];
  const offsets = objects.map((_, index) => Buffer.concat(objects.slice(0, index)).length + 8);
  const directoryAt = Buffer.concat(objects).length + 8;
  const directory = atom(0x1772, Buffer.concat([u32((3 << 20) | 1), u32(...offsets)]));
  const edit = atom(0x0ff5, u32(0, 0, 0, directoryAt, 1));
  return makeCompound({
    "PowerPoint Document": Buffer.concat([Buffer.alloc(8), ...objects, directory, edit]),
    "Current User": Buffer.concat([u32(0, 0, 20, token, directoryAt + directory.length), Buffer.alloc(8)]),
  });
}

test("a document of Word 97 is read from its pieces: text, fields' results, tables, notes; no headers", async () => {
  const body = "Caf\xe9\x0bbar\rSee \x13 HYPERLINK x \x14the link\x15.\r";
  const rest = "a\x07b\x07\x07c\x07d\x07\x07ΩEnd\rA note.\rHeader\r";
  const lengths = [body.length + "a\x07b\x07\x07c\x07d\x07\x07ΩEnd\r".length, "A note.\r".length, "Header\r".length];
  expect(await readBlocks(parseCompound, makeDoc(body, rest, lengths))).toEqual([
    "p Café\nbar",
    "p See the link.",
    "p a\tb\nc\td\nΩEnd",
    "p A note.",
  ]);
  expect(await reasonFor(parseCompound, makeDoc(body, rest, lengths, 0x0300))).toBe("ENCRYPTED");
});

test("a workbook of Excel 97 is read by sheet: shared strings, numbers, dates, formulas; no charts, no hidden sheets", async () => {
  const long = "é".repeat(20);
  const shared = [
    record(
      0x00fc,
      u32(3, 3),
      wideText("Name", 2),
      wideText("Since", 2),
      u16(20),
      Buffer.from([0]),
      Buffer.from(long.slice(0, 5), "latin1"),
    ),
    // The string goes on in the next record, in another width.
    record(0x003c, Buffer.from([1]), Buffer.from(long.slice(5), "utf16le")),
  ];
  const label = (row: number, column: number, index: number) => record(0x00fd, u16(row, column, 0), u32(index));
  const cells = [
    label(0, 0, 0),
    label(0, 1, 1),
    label(1, 0, 2),
    record(0x0203, u16(1, 1, 1), double(45352)),
    record(0x0006, u16(2, 0, 0), Buffer.from([0, 0, 0, 0, 0, 0, 0xff, 0xff]), Buffer.alloc(8)),
    record(0x0207, wideText("Sum", 2)),
    record(0x00bd, u16(2, 1), u16(0), u32((12 << 2) | 2), u16(0), u32((1250 << 2) | 3), u16(2)),
  ];
  const parts = await readParts(parseCompound, makeXls(cells, shared));
  expect(parts.map(({ sheet, part }) => [sheet, part.text])).toEqual([
    ["Größen", `Größen\n\nName: ${long}; Since: 2024-03-01\nName: Sum; Since: 12; 12.5`],
  ]);
  expect(await reasonFor(parseCompound, makeXls([]))).toBe("NO_TEXT");
  expect(await reasonFor(parseCompound, makeXls([], [record(0x002f, u16(1))]))).toBe("ENCRYPTED");
});

test("a presentation of PowerPoint 97 is read in the order of its slides, with what stands beside the outline", async () => {
  expect((await readParts(parseCompound, makePpt())).map(({ slide }) => slide)).toEqual([1, 2]);
  expect(await readBlocks(parseCompound, makePpt())).toEqual([
    "h1 Zellen größer",
    "rows - One\n- Two\n  lines",
    "h1 Last",
    "p Boxed",
  ]);
  expect(await reasonFor(parseCompound, makePpt(0xf3d1c4df))).toBe("ENCRYPTED");
});

test("damaged ones end with text or a reason, and in time", async () => {
  const files = [
    makeDoc("Some text.\r", "More.\r", [17]),
    makeXls([record(0x0204, u16(0, 0, 0), wideText("A", 2))]),
    makePpt(),
  ];
  for (const file of files) {
    for (let at = 512; at < file.length; at += 3) {
      const changed = file.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      const reason = await reasonFor(parseCompound, changed);
      expect([reason, reasons.some((known) => known === reason || (known && reason?.startsWith(known)))]).toEqual([
        reason,
        true,
      ]);
    }
  }
  expect(await readText(parseCompound, files[0] as Uint8Array)).toBe("Some text.\n\nMore.");
});
