import { expect, test } from "vitest";
import { readText } from "../testing/read-parts.ts";
import { parseSvg } from "./svg.ts";

test("a drawing's labels are read; scripts, hidden text and entities are not", async () => {
  const drawing = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY lol "lollollol">]>
    <svg xmlns="http://www.w3.org/2000/svg"><title>Cell</title><script>alert(1)</script><style>text{}</style>
    <g><text x="1">Outer <tspan>wall</tspan> &e;&lol;</text></g><text display="none">hidden</text>
    <g style="visibility:hidden"><text>too</text></g><defs><text>and this</text></defs></svg>`;
  expect(await readText(parseSvg, drawing)).toBe("Cell\n\nOuter wall &e;&lol;");
});
