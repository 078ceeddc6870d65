import { expect, test } from "vitest";
import { attach, changeAttachment, completionsOf, emptyDraft, isComplete, readAsking } from "./draft.ts";

test("a draft is complete once it says something and all its files are stored", () => {
  const file = { id: "f", name: "a.pdf", mediaType: "application/pdf" };
  const waiting = attach(emptyDraft, [{ key: "k", name: "a.pdf" }]);
  const stored = changeAttachment(waiting, "k", file);
  expect([emptyDraft, waiting, stored, { ...emptyDraft, text: "  " }].map(isComplete)).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect(isComplete({ ...waiting, text: "see" })).toBe(false);
  expect(changeAttachment(stored, "k", undefined).attachments).toEqual([]);
});

test("files are attached once each, twenty at most", () => {
  const many = Array.from({ length: 25 }, (_, index) => ({ key: `${index}`, name: "a" }));
  expect(attach(attach(emptyDraft, many.slice(0, 3)), many).attachments).toHaveLength(20);
});

test("a question to the assistant stands at the beginning", () => {
  expect(readAsking("@assistant When?")).toEqual({ asking: "everyone", question: "When?" });
  expect(readAsking("@Assistant private: When?")).toEqual({ asking: "privately", question: "When?" });
  expect(readAsking("Ask @assistant")).toMatchObject({ asking: undefined });
  expect(readAsking("@assistants unite")).toMatchObject({ asking: undefined });
});

test("completions are offered while their beginning is written, and not once they are there", () => {
  const labels = (text: string, at = text.length) => completionsOf(text, at).map(({ label }) => label);
  expect(labels("@as")).toEqual(["@assistant", "@assistant private:"]);
  expect(labels("@assistant p")).toEqual(["@assistant private:"]);
  expect([labels("hello @as"), labels("@bob"), labels("@assistant private: ")]).toEqual([[], [], []]);
});
