import { create } from "@bufbuild/protobuf";
import { FolderSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { childrenOf, type FolderMap, listPlaces, pathTo } from "./folders.ts";

const tree: FolderMap = new Map(
  [
    ["bio", "", "Biology"],
    ["t10", "bio", "Term 10"],
    ["t2", "bio", "Term 2"],
    ["lab", "t2", "Lab"],
    ["art", "", "art"],
  ].map(([id = "", parentId, name]) => [id, create(FolderSchema, { id, parentId, name })]),
);

test("the way to a folder begins at the top level", () => {
  expect(pathTo(tree, "lab").map(({ name }) => name)).toEqual(["Biology", "Term 2", "Lab"]);
  expect([pathTo(tree, ""), pathTo(tree, "unknown")]).toEqual([[], []]);
});

test("folders are in the order of their names, numbers as numbers", () => {
  expect(childrenOf(tree, "bio").map(({ name }) => name)).toEqual(["Term 2", "Term 10"]);
});

test("a folder may go anywhere but into itself", () => {
  expect(listPlaces(tree).map(({ folder, depth }) => `${depth} ${folder.name}`)).toEqual([
    "0 art",
    "0 Biology",
    "1 Term 2",
    "2 Lab",
    "1 Term 10",
  ]);
  expect(listPlaces(tree, "t2").map(({ folder }) => folder.id)).toEqual(["art", "bio", "t10"]);
});
