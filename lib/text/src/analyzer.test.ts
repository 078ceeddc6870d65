import { expect, test } from "vitest";
import { analyze, analyzeQuery, dropStopwords } from "./analyzer.ts";

const terms = (text: string, language: Parameters<typeof analyze>[1] = "english") => analyze(text, language).terms;
const extras = (text: string) => analyze(text, "english").extras;
const asked = (text: string) => analyzeQuery(dropStopwords(text, "english"), "english");

test("case, width, ligatures and diacritics don't matter", () => {
  expect(terms("Ｃafé ﬁle RÉSUMÉ")).toEqual(terms("café file resume"));
  expect(terms("Größe", "german")).toEqual(terms("GRÖSSE", "german"));
});

test("endings are taken off by the language", () => {
  expect(terms("connections connected")).toEqual(["connect", "connect"]);
  expect(terms("Häuser", "german")).toEqual(terms("Häusern", "german"));
  expect(terms("книги")).toEqual(terms("книга"));
});

test("apostrophes neither part nor hide a word", () => {
  expect(terms("the company’s")).toEqual(terms("the company"));
  expect(terms("l’eau d'Orange", "french")).toEqual(terms("eau Orange", "french"));
  expect(terms("O'Neil")).toEqual(["oneil"]);
});

test("numbers are one term, whatever parts their thousands", () => {
  expect(terms("1,234,567 and 3.5")).toEqual(["1234567", "and", "3.5"]);
  expect(terms("6½ sacks")[0]).toBe("6");
  expect(terms("٣٤")).toEqual(["34"]);
});

test("identifiers are found whole and by their parts", () => {
  expect(terms("max_tokens getUserById HTTPServer")).toEqual([
    "max",
    "token",
    "get",
    "user",
    "by",
    "id",
    "http",
    "server",
  ]);
  expect(extras("max_tokens")).toEqual(["maxtoken"]);
  expect(asked("maxTokens")).toEqual(["max", "token", "maxtoken"]);
  expect(extras("e-mail")).toEqual(terms("email"));
});

test("scripts without spaces become bigrams, and a lone character can be asked for", () => {
  expect(terms("黑猫警长 plays")).toEqual(["黑猫", "猫警", "警长", "play"]);
  expect(extras("黑猫")).toEqual(asked("黑").concat(asked("猫")));
  expect(asked("黑猫")).toEqual(["黑猫"]);
  expect(terms("ภาษา").length).toBe(3);
});

test("vowel signs of Indic scripts stay", () => {
  expect(terms("हिन्दी में")).toEqual(["हिन्दी", "में"]);
});

test("a query leaves out words without content, unless there are no others", () => {
  expect(asked("What is the speed of light?")).toEqual(["speed", "light"]);
  expect(new Set(asked("to be or not to be"))).toEqual(new Set(["to", "be", "or", "not"]));
  expect(asked("advice of WHO")).toEqual(["advic", "who"]);
});

test("letters within an identifier are no stopwords", () => {
  expect(dropStopwords("wa9d7e877251f42d59", "portuguese")).toBe("wa9d7e877251f42d59");
  expect(dropStopwords("part_a_of b2a", "english")).toBe("part_a_of b2a");
});
