import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { fromBase85, toBase85 } from "./base85.ts";

test("carries bytes of every length and value", () => {
  const all = [
    Buffer.alloc(0),
    Buffer.alloc(9),
    Buffer.alloc(7, 0xff),
    Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  ];
  for (let length = 1; length <= 64; length += 1) all.push(randomBytes(length), Buffer.alloc(length, 0xff));
  for (const bytes of all) {
    const text = toBase85(bytes);
    expect(text.length).toBe(Math.ceil((bytes.length * 5) / 4));
    expect(fromBase85(text)).toEqual(bytes);
  }
});

test("is the encoding of ZeroMQ RFC 32", () => {
  expect(toBase85(Buffer.from("864FD26FB559F75B", "hex"))).toBe("HelloWorld");
});
