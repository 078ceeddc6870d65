import { expect, test } from "vitest";
import { cutText } from "./cut-text.ts";
import { findQuestion, readEmoji } from "./message.ts";

test.each([
  ["@assistant who was Ada?", { private: false }],
  ["@Assistant: who was Ada?", { private: false }],
  ["  @assistant\nwho was Ada?", { private: false }],
  ["@assistant", { private: false }],
  ["@assistant private: who was Ada?", { private: true }],
  ["@assistant  Private: who was Ada?", { private: true }],
  ["@assistant private who was Ada?", { private: false }],
  ["@assistants who was Ada?", undefined],
  ["ask the @assistant", undefined],
  ["assistant, who was Ada?", undefined],
])("%j asks the assistant: %j", (text, question) => {
  expect(findQuestion(text)).toEqual(question);
});

test.each(["👍", "👍🏽", "❤️", "❤", "🇬🇧", "👩‍🚀", "1️⃣", "☃"])("%s is one emoji", (emoji) => {
  expect(readEmoji(emoji)).toBe(emoji);
});

test("a text is cut into pieces that make it up again, and no character in two", () => {
  const text = "a🐦b🐦🐦c";
  for (let size = 2; size < 12; size += 1) {
    const pieces = cutText(text, size);
    expect(pieces.join("")).toBe(text);
    expect(pieces.every((piece) => piece.length <= size && piece.isWellFormed())).toBe(true);
  }
  expect(cutText("", 5)).toEqual([""]);
});
