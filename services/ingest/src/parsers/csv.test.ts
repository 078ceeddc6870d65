import { expect, test } from "vitest";
import { readText, reasonFor } from "../testing/read-parts.ts";
import { parseCsv, separatorOf } from "./csv.ts";

test("every row says its columns' names; quotes keep separators and line ends", async () => {
  const csv = 'Name,Year,Note\r\n"Lovelace, Ada",1843,"said ""so""\nand more"\nHopper,1952,\n';
  expect(await readText(parseCsv, `\ufeff${csv}`)).toBe(
    'Name: Lovelace, Ada; Year: 1843; Note: said "so" and more\nName: Hopper; Year: 1952',
  );
});

test("the separator is the one that is there most evenly", async () => {
  expect(separatorOf("a;b\n1,5;2,5\n3,7;4")).toBe(";");
  expect(separatorOf("a\tb, c\n1\t2")).toBe("\t");
  expect(separatorOf("x|y|z\n1|2|3")).toBe("|");
  expect(separatorOf('a,b\n"x;y;z",2')).toBe(",");
  expect(await readText(parseCsv, "Ort;Wert\nKöln;1,5\nBonn;2,5")).toBe("Ort: Köln; Wert: 1,5\nOrt: Bonn; Wert: 2,5");
});

test("a quote that is never closed, and values without names, are read as they stand", async () => {
  expect(await readText(parseCsv, 'a,"b\nc,d')).toBe('a\t"b\nc\td');
  expect(await reasonFor(parseCsv, ",,\n,,")).toBe("EMPTY");
});

test("what is longer than the limit once its columns are named is TOO_LARGE", async () => {
  const csv = `A long name,Another\n${"1,2\n".repeat(1_000)}`;
  expect(await reasonFor(parseCsv, csv, { maxChars: 100_000 })).toBeUndefined();
  expect(await reasonFor(parseCsv, csv, { maxChars: 20_000 })).toBe("TOO_LARGE");
});
