import { expect, test } from "vitest";
import { toNameWords } from "./name-words.ts";

test.each([
  ["Ada Lovelace", ["ada", "lovelace"]],
  ["  ÉMILIE  du Châtelet ", ["emilie", "du", "chatelet"]],
  ["Søren Ærø-Łukasz", ["soren", "aero", "lukasz"]],
  ["Strauß", ["strauss"]],
  ["İpek IŞIK ışık", ["ipek", "isik"]],
  ["O’Neill, Jr.", ["o", "neill", "jr"]],
  ["Ada ada ADA", ["ada"]],
  ["ﬁona ２世", ["fiona", "2世"]],
  ["山田 太郎", ["山田", "太郎"]],
  ["Σίσυφος ΣΊΣΥΦΟΣ", ["σισυφος"]],
  ["🙂 — !", []],
])("the words of %j are %j", (name, words) => {
  expect(toNameWords(name)).toEqual(words);
});
