import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AskResponseSchema, type Citation, CitationSchema, FinishReason } from "@lyceum/client";
import { describe, expect, test } from "vitest";
import { beginAnswer, endAnswer, type GrowingAnswer, growAnswer, stopAnswer, toPlainText } from "./growing-answer.ts";

type Event = MessageInitShape<typeof AskResponseSchema>["event"];

const grow = (...events: Event[]): GrowingAnswer =>
  events.reduce(
    (answer, event) => growAnswer(answer, create(AskResponseSchema, { event }).event),
    beginAnswer("k", "When?", []),
  );
const cite = (number: number): Citation =>
  create(CitationSchema, { number, fileId: "f", fileName: "tides.pdf", locator: { page: 12 } });
const retrieved: Event = {
  case: "retrieved",
  value: { answerId: "a", passages: [{ fileId: "f" }, { fileId: "f" }, { fileId: "g" }] },
};
const say = (text: string): Event => ({ case: "delta", value: { text } });

describe("a growing answer", () => {
  test("gathers its text, its citations by number, and how it ended", () => {
    const done: Event = { case: "done", value: { answerId: "a", finishReason: FinishReason.STOP } };
    const answer = grow(
      retrieved,
      say("Spring "),
      say("tides [2] [1]."),
      { case: "citation", value: cite(2) },
      { case: "citation", value: cite(1) },
      { case: "citation", value: cite(2) },
      done,
    );
    expect(answer).toMatchObject({
      state: "finished",
      answerId: "a",
      fileCount: 2,
      text: "Spring tides [2] [1].",
    });
    expect(answer.citations.map(({ number }) => number)).toEqual([1, 2]);
  });

  test("that is not in the files is told apart", () => {
    const done: Event = { case: "done", value: { finishReason: FinishReason.NOT_IN_FILES } };
    expect(grow(retrieved, say("Nothing."), done)).toMatchObject({
      state: "finished",
      notInFiles: true,
      answerId: "a",
    });
  });

  test("whose stream ends without a word has failed; a finished or stopped one stays so", () => {
    expect(endAnswer(grow(retrieved, say("Spr"))).state).toBe("failed");
    expect(endAnswer(stopAnswer(grow(retrieved, say("Spr"))))).toMatchObject({ state: "stopped", text: "Spr" });
    const done: Event = { case: "done", value: { finishReason: FinishReason.LENGTH } };
    expect(endAnswer(grow(done), new Error("late")).state).toBe("finished");
  });
});

describe("the words of an answer", () => {
  test("are copied with their sources beneath", () => {
    const answer = grow(retrieved, say("Spring tides [1].\n"), { case: "citation", value: cite(1) });
    expect(toPlainText(answer)).toBe("Spring tides [1].\n\n[1] tides.pdf, page 12");
  });
});
