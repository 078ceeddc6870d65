import { expect, test } from "vitest";
import { createSentenceReader, type Step } from "./read-sentences.ts";

/** The text with each end of a sentence shown as `<claims>`. */
const read = (pieces: Iterable<string>) => {
  const reader = createSentenceReader();
  const steps: Step[] = [];
  for (const piece of pieces) steps.push(...reader.push(piece));
  return show([...steps, ...reader.end()]);
};
const show = (steps: readonly Step[]) =>
  steps.map((step) => ("text" in step ? step.text : `<${step.claims.join(",")}>`)).join("");

const cases: [string, string][] = [
  ["Cells eat. They sleep.", "Cells eat.<> They sleep.<>"],
  ["Cells eat [1]. They sleep [2].", "Cells eat.<1> They sleep.<2>"],
  ["Cells eat. [1] They sleep.[2]", "Cells eat.<1> They sleep.<2>"],
  ["Cells [1] eat [2], and sleep [1].", "Cells eat, and sleep.<1,2>"],
  ["They eat [1][2] [3].", "They eat.<1,2,3>"],
  ["They eat [1, 2; 4] and [6-8].", "They eat and.<1,2,4,6,7,8>"],
  ["They eat 【1】. So 【2†source】. It [passage 3]. We [^4].", "They eat.<1> So.<2> It.<3> We.<4>"],
  ["[1] They eat.", "They eat.<1>"],
  ["Dr. J. Smith ate 3.5 [1] of them. Done.", "Dr. J. Smith ate 3.5 of them.<1> Done.<>"],
  ["In [2024] it was [see below] so [a].", "In (2024) it was [see below] so [a].<>"],
  ["细胞吃[1]。它们睡[2]。", "细胞吃。<1>它们睡。<2>"],
  ["- One [1]\n- Two [2]\n\nEnd.", "- One<1>\n- Two<2>\n\nEnd.<>"],
  ["Use `list[1]` here [2].", "Use `list[1]` here.<2>"],
  ["So:\n```\na[1] = 2. B\n```\nDone [1].", "So:<>\n```\na[1] = 2. B\n```<>\nDone.<1>"],
  ["See [1](http://a.b) or [link](c).", "See (http://a.b) or [link](c).<1>"],
  ["  \n Lead.  \n", "Lead.<>"],
  ["Open [1", "Open [1<>"],
  ["Deep [[1]] end.", "Deep [] end.<1>"],
  ["Long [this is no mark at all but an aside in brackets] end.", ""],
  ["Emoji 😀. 😀 [1]", "Emoji 😀.<> 😀<1>"],
  ["", ""],
];

test.each(cases)("%j", (words, expected) => {
  expect(read([words])).toBe(expected || (words && `${words}<>`));
});

test.each(cases)("%j in pieces of any size is the same", (words) => {
  const whole = read([words]);
  for (const size of [1, 2, 3, 5]) {
    const pieces = Array.from({ length: Math.ceil(words.length / size) }, (_, at) =>
      words.slice(at * size, at * size + size),
    );
    expect(read(pieces)).toBe(whole);
  }
});

test("text passes as soon as it cannot become a mark", () => {
  const reader = createSentenceReader();
  const shown = ["Cells", " eat", " [", "1", "]", ".", " They"].map((piece) => show(reader.push(piece)));
  expect(shown).toEqual(["Cells", " eat", "", "", "", ".", "<1> They"]);
});
