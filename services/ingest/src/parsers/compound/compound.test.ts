import { expect, test } from "vitest";
import { makeCompound } from "../../testing/make-compound.ts";
import { readBlocks, reasonFor } from "../../testing/read-parts.ts";
import { parseCompound } from "./compound.ts";
import { inflateRtf } from "./inflate-rtf.ts";

const property = (id: string) => `__substg1.0_${id}001F`;
const mail = {
  "__properties_version1.0": new Uint8Array(32),
  [property("0037")]: "Café hours",
  [property("0C1A")]: "Ada Lovelace",
  [property("5D01")]: "ada@example.org",
  [property("0E04")]: "Grace; Joan",
  "__attach_version1.0_#00000000/__properties_version1.0": new Uint8Array(8),
  [`__attach_version1.0_#00000000/${property("3707")}`]: "plan.pdf",
};
const lines = "rows From: Ada Lovelace <ada@example.org>\nTo: Grace; Joan\nAttachments: plan.pdf";

test("a mail that Outlook saved is read, whichever form its text has", async () => {
  const text = makeCompound({ ...mail, [property("1000")]: "Hello.\r\n\r\nWe open at nine." });
  expect(await readBlocks(parseCompound, text)).toEqual(["h1 Café hours", lines, "p Hello.", "p We open at nine."]);
  const html = makeCompound({ ...mail, "__substg1.0_10130102": Buffer.from(`<p>${"Größe ".repeat(1000)}`, "latin1") });
  expect((await readBlocks(parseCompound, html)).at(-1)).toBe(`p ${"Größe ".repeat(1000).trim()}`);
  const rtf = Buffer.from("{\\rtf1\\ansi Rich {\\b text}.\\par}", "latin1");
  const packed = Buffer.concat([Buffer.alloc(16), rtf]);
  packed.writeUInt32LE(rtf.length, 4);
  packed.write("MELA", 8);
  expect((await readBlocks(parseCompound, makeCompound({ ...mail, "__substg1.0_10090102": packed }))).at(-1)).toBe(
    "p Rich text.",
  );
});

test("RTF is unpacked as the specification's example says", () => {
  const packed = Buffer.from(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af320 68656c090020627705b06c647d0a800fa0".replace(
      / /g,
      "",
    ),
    "hex",
  );
  expect(inflateRtf(packed, 1000).toString("latin1")).toBe("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
  expect(() => inflateRtf(packed, 10)).toThrow(expect.objectContaining({ reason: "TOO_LARGE" }));
});

test("an office document behind a password is ENCRYPTED, a file of another program UNSUPPORTED", async () => {
  expect(await reasonFor(parseCompound, makeCompound({ EncryptedPackage: "x", EncryptionInfo: "y" }))).toBe(
    "ENCRYPTED",
  );
  expect(await reasonFor(parseCompound, makeCompound({ Contents: "x" }))).toBe("UNSUPPORTED");
});

test("a compound file cut off or changed anywhere ends with a reason, and in time", async () => {
  const file = makeCompound({ ...mail, [property("1000")]: "Hello. ".repeat(800) });
  const reasons = [undefined, "CORRUPT", "UNSUPPORTED", "NO_TEXT", "TOO_LARGE"];
  for (let length = 0; length < file.length; length += 301)
    expect(reasons).toContain(await reasonFor(parseCompound, file.subarray(0, length)));
  for (let at = 20; at < file.length; at += 7) {
    const changed = file.slice();
    changed.fill((at * 31) & 0xff, at, at + 4);
    expect(reasons).toContain(await reasonFor(parseCompound, changed));
  }
});

test("chains that go in circles are CORRUPT", async () => {
  const file = makeCompound({ ...mail, [property("1000")]: "Hello. ".repeat(800) });
  const circle = Buffer.from(file);
  for (let at = 512; at < 1024; at += 4) if (circle.readUInt32LE(at) === 0xfffffffe) circle.writeUInt32LE(1, at);
  expect(await reasonFor(parseCompound, circle)).toBe("CORRUPT");
});
