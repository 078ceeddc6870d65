import { expect, test } from "vitest";
import { createDot, type Dot, dotInJavaScript } from "./dot.ts";

function productsOf(dot: Dot, query: Int8Array, vectors: Int8Array): number[] {
  const products: number[] = [];
  dot(query, vectors, (first, block) => {
    expect(first).toBe(products.length);
    products.push(...block);
  });
  return products;
}

test.each([
  [512, 9000],
  [16, 3],
  [384, 1],
  [512, 0],
  [20, 5],
])("WebAssembly multiplies as JavaScript does: %i dimensions, %i vectors", (dimensions, count) => {
  const query = Int8Array.from({ length: dimensions }, (_, at) => ((at * 37) % 255) - 127);
  const vectors = Int8Array.from({ length: dimensions * count }, (_, at) => ((at * 91 + (at >> 9)) % 255) - 127);
  expect(productsOf(createDot(), query, vectors)).toEqual(productsOf(dotInJavaScript, query, vectors));
});
