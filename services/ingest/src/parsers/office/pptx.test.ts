import { expect, test } from "vitest";
import { makePptx, slideShape } from "../../testing/make-zip.ts";
import { readBlocks, readParts, reasonFor } from "../../testing/read-parts.ts";
import { parseZipped } from "../zipped.ts";

test("slides are numbered parts: title, bullets, free text, tables, notes; no slide numbers", async () => {
  const table = `<p:graphicFrame><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>a</a:t></a:r></a:p></a:txBody></a:tc>
    <a:tc><a:txBody><a:p><a:r><a:t>b</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>`;
  const file = makePptx(
    [
      slideShape("body", "One", "\tDeeper") + slideShape("title", "Cells") + slideShape("sldNum", "1"),
      slideShape(undefined, "Free", "Text") + table,
      "",
    ],
    { 1: slideShape("sldImg") + slideShape("body", "Say this.") },
  );
  const parts = await readParts(parseZipped, file);
  expect(parts.map(({ slide }) => slide)).toEqual([1, 2]);
  expect(await readBlocks(parseZipped, file)).toEqual([
    "h1 Cells",
    "rows - One\n  - Deeper",
    "p Free",
    "p Text",
    "rows a\tb",
    "p Say this.",
  ]);
});

test("a presentation without text is NO_TEXT, one with too many slides TOO_LARGE", async () => {
  expect(await reasonFor(parseZipped, makePptx(["", ""]))).toBe("NO_TEXT");
  expect(await reasonFor(parseZipped, makePptx(Array(4).fill("")), { maxPages: 3 })).toBe("TOO_LARGE");
});
