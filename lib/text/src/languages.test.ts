import { expect, test } from "vitest";
import { detectLanguage } from "./languages.ts";

test.each([
  ["english", "The cell is the basic unit of life and it was found in 1665."],
  ["german", "Die Zelle ist die kleinste Einheit des Lebens und wurde 1665 entdeckt."],
  ["french", "La cellule est la plus petite unité du vivant et elle a été découverte dans les années 1665."],
  ["spanish", "La célula es la unidad básica de los seres vivos y fue descubierta en el año 1665."],
  ["portuguese", "A célula é a unidade básica dos seres vivos e foi descoberta em 1665 por um inglês."],
  ["italian", "La cellula è l'unità di base della vita e fu scoperta nel 1665 da un inglese che non era solo."],
  ["dutch", "De cel is de kleinste eenheid van het leven en werd in 1665 ontdekt door een Engelsman."],
])("%s is known by its small words", (language, text) => {
  expect(detectLanguage(text)).toBe(language);
});

test("what does not tell is taken for English", () => {
  expect(detectLanguage("apples, bananas")).toBe("english");
  expect(detectLanguage("今天天气很好")).toBe("english");
  expect(detectLanguage("")).toBe("english");
});

test("a few foreign words in a long text don't count", () => {
  expect(detectLanguage(`${"const value = compute(input); ".repeat(200)} de la`)).toBe("english");
});
