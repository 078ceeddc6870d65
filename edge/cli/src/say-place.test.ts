import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { LocatorSchema } from "@lyceum/client";
import { expect, test } from "vitest";
import { sayPlace } from "./say-place.ts";

test.each<[MessageInitShape<typeof LocatorSchema>, string]>([
  [{}, ""],
  [{ page: 3 }, "page 3"],
  [{ page: 3, headingPath: ["Tides", "Neap"] }, "page 3, Tides › Neap"],
  [{ slide: 2 }, "slide 2"],
  [{ sheet: "Budget 2024" }, "sheet Budget 2024"],
  [{ timeStart: 61.9, timeEnd: 70 }, "1:01"],
])("%j is said as %j", (locator, said) => {
  expect(sayPlace(create(LocatorSchema, locator))).toBe(said);
});

test("nothing is said of no place", () => {
  expect(sayPlace(undefined)).toBe("");
});
