import { expect, test } from "vitest";
import { forgetUnfinished, noteUnfinished, readUnfinished } from "./unfinished.ts";

const upload = (share: number, name = "film.mp4", sizeBytes = 5_000_000) => ({ name, sizeBytes, folderId: "", share });

test("an upload is noted as far as it is, once", () => {
  const noted = noteUnfinished(noteUnfinished([], upload(0.1)), upload(0.4));
  expect(noted).toEqual([upload(0.4)]);
  expect(noteUnfinished(noted, upload(0.401))).toBe(noted);
});

test("small files are not worth it", () => {
  expect(noteUnfinished([], upload(0.5, "note.md", 900))).toEqual([]);
});

test("what has arrived is forgotten, what has not stays", () => {
  const noted = noteUnfinished(noteUnfinished([], upload(0.1)), upload(0.2, "other.mp4"));
  expect(forgetUnfinished(noted, upload(1))).toEqual([upload(0.2, "other.mp4")]);
  expect(forgetUnfinished(noted, upload(1, "third.mp4"))).toBe(noted);
});

test("it is shown to the person who began it, and to nobody else", () => {
  const stored = JSON.stringify({ userId: "ada", uploads: [upload(0.3)] });
  expect(readUnfinished(stored, "ada")).toEqual([upload(0.3)]);
  expect([readUnfinished(stored, "bob"), readUnfinished("{", "ada"), readUnfinished(null, "ada")]).toEqual([
    [],
    [],
    [],
  ]);
});
