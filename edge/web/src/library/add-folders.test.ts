import { expect, test } from "vitest";
import { addFolders } from "./add-folders.ts";

test("each folder is made once, within the one that holds it, and files keep their places", async () => {
  const made: string[] = [];
  const makeFolder = async (name: string, parentId: string) => {
    made.push(`${parentId}/${name}`);
    return `${parentId}/${name}`;
  };
  const file = (name: string) => new File([], name);
  const placed = await addFolders(
    [
      { file: file("a"), path: [] },
      { file: file("b"), path: ["term", "week 1"] },
      { file: file("c"), path: ["term", "week 2"] },
      { file: file("d"), path: ["term"] },
    ],
    "top",
    makeFolder,
  );
  expect(made).toEqual(["top/term", "top/term/week 1", "top/term/week 2"]);
  expect([...placed].map(([folder, files]) => [folder, files.map(({ name }) => name)])).toEqual([
    ["top", ["a"]],
    ["top/term/week 1", ["b"]],
    ["top/term/week 2", ["c"]],
    ["top/term", ["d"]],
  ]);
});
