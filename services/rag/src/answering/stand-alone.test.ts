import { expect, test } from "vitest";
import { toStandAlone } from "./stand-alone.ts";

const after = (...questions: string[]) => {
  const turns = questions.slice(0, -1).map((text) => ({ asker: true, text }));
  return toStandAlone(questions.at(-1) ?? "", turns);
};

test("a question that points back takes over what the one before was about", () => {
  expect(after("What makes the energy of a cell?", "How does it work?")).toBe("How does it work? makes energy cell");
  expect(after("Who was Marie Curie?", "When was she born?")).toBe("When was she born? Marie Curie");
  expect(after("Was ist ein Mitochondrium?", "Wie viele Membranen hat es?")).toContain("Mitochondrium");
  expect(after("Qui était Marie Curie ?", "Quand est-elle née ?")).toContain("Marie Curie");
  expect(after("线粒体是什么", "它有几层膜")).toContain("线粒体");
});

test("one that names nothing itself does so too", () => {
  for (const question of ["Why?", "And then?", "How so?", "What about that?"]) {
    expect(after("What is osmosis?", question)).toContain("osmosis");
  }
});

test("what a question pointed back at goes on through the next", () => {
  expect(after("What is osmosis?", "How does it work?", "Why?")).toContain("osmosis");
});

test("a question that can stand alone stays as it is", () => {
  for (const question of [
    "What is photosynthesis?",
    "How many membranes does a mitochondrion have?",
    "What did Einstein think of his theory?",
    "What is the name of the river that crosses the old town of Bern in its middle?",
  ]) {
    expect(after("What makes the energy of a cell?", question)).toBe(question);
  }
  expect(after("What is osmosis?")).toBe("What is osmosis?");
});

test("what the assistant said does not count as asked, and words are not said twice", () => {
  expect(toStandAlone("Why?", [{ asker: false, text: "Osmosis." }])).toBe("Why?");
  expect(after("What does a cell eat?", "Does it eat light?")).toBe("Does it eat light? cell");
});
