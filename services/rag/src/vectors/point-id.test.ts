import { expect, test } from "vitest";
import { pointId } from "./point-id.ts";

test("the same passage by the same model has one id, and no other has it", () => {
  const id = pointId("file", 1, 2, "model");
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(pointId("file", 1, 2, "model")).toBe(id);
  const others = [
    pointId("file", 1, 3, "model"),
    pointId("file", 2, 2, "model"),
    pointId("file2", 1, 2, "model"),
    pointId("file", 1, 2, "model2"),
    pointId("file", 12, 2, "model"),
  ];
  expect(new Set([id, ...others]).size).toBe(6);
});
