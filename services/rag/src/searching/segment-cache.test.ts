import { expect, test } from "vitest";
import { SegmentCache } from "./segment-cache.ts";

const entry = (value: string, sizeBytes = 10, version = "1") => ({ version, value, sizeBytes });

test("what was used last stays", () => {
  const cache = new SegmentCache<string>(30);
  for (const name of ["a", "b", "c"]) cache.put(name, entry(name));
  cache.find("a", "1");
  cache.put("d", entry("d"));
  expect(["a", "b", "c", "d"].map((name) => cache.find(name, "1"))).toEqual(["a", undefined, "c", "d"]);
  expect(cache.sizeBytes).toBe(30);
});

test("another version is never given, and is let go of", () => {
  const cache = new SegmentCache<string>(30);
  cache.put("a", entry("old"));
  expect(cache.find("a", "2")).toBeUndefined();
  expect(cache.sizeBytes).toBe(0);
  cache.put("a", entry("new", 10, "2"));
  cache.put("a", entry("newer", 20, "3"));
  expect(cache.find("a", "3")).toBe("newer");
  expect(cache.sizeBytes).toBe(20);
});

test("what does not fit is not kept", () => {
  const cache = new SegmentCache<string>(30);
  cache.put("a", entry("a"));
  cache.put("b", entry("b", 31));
  expect(cache.find("b", "1")).toBeUndefined();
  expect(cache.find("a", "1")).toBe("a");
});

test("what is dropped is gone", () => {
  const cache = new SegmentCache<string>(30);
  cache.put("a", entry("a"));
  cache.drop("a");
  cache.drop("unknown");
  expect(cache.find("a", "1")).toBeUndefined();
  expect(cache.sizeBytes).toBe(0);
});
