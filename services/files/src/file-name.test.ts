import { createRandom } from "@lyceum/testing/create-random.ts";
import { describe, expect, it } from "vitest";
import { maxNameLength, toFileName } from "./file-name.ts";

describe("toFileName", () => {
  it.each([
    ["report.pdf", "report.pdf"],
    ["C:\\Users\\me\\report.pdf", "report.pdf"],
    ["../../etc/passwd", "passwd"],
    ["folder\\sub/notes.md", "notes.md"],
    ["  a \t b\n.txt  ", "a b .txt"],
    ["cafe\u0301.txt", "café.txt"],
    ["nul\0l\u0007.txt", "null.txt"],
    ["invoice\u202efdp.exe", "invoicefdp.exe"],
    ["a\u2066b\u2069\u200f.txt", "ab.txt"],
    ["zero\u200bwidth\ufeff.txt", "zerowidth .txt"],
    ["soft\u00adhyphen", "softhyphen"],
    ["pay\u200dpal.txt", "paypal.txt"],
    ["می\u200cخواهم.txt", "می\u200cخواهم.txt"],
    ["👩\u200d👩\u200d👧 family.png", "👩\u200d👩\u200d👧 family.png"],
    ["❤\ufe0f.txt", "❤\ufe0f.txt"],
    ["half\ud83d.txt", "half.txt"],
    ["tag\u{e0041}ged.txt", "tagged.txt"],
    ['he said "hi"; rm -rf.txt', 'he said "hi"; rm -rf.txt'],
    [".env", ".env"],
    ["統計 第3章.pdf", "統計 第3章.pdf"],
    ["x".repeat(maxNameLength), "x".repeat(maxNameLength)],
    ["😀".repeat(maxNameLength), "😀".repeat(maxNameLength)],
  ])("keeps what can be seen of %j", (sent, name) => {
    expect(toFileName(sent)).toBe(name);
  });

  it.each([
    "",
    " ",
    ".",
    "..",
    ". .",
    "...",
    "folder/",
    "C:\\",
    "\0\u0001",
    "\u202e\u2066",
    "\u3164",
    "\u2800",
    "\u0301",
    "\ufe0f",
    "\ud800",
    "x".repeat(maxNameLength + 1),
  ])("refuses %j", (sent) => {
    expect(toFileName(sent)).toBeUndefined();
  });

  it("gives a safe name, or none, for 500 evil ones, and changes no name twice", () => {
    const random = createRandom(20_260_727);
    for (let round = 0; round < 500; round++) {
      const sent = Array.from({ length: 1 + random(40) }, () => evil[random(evil.length)]).join("");
      const name = toFileName(sent);
      if (name === undefined) continue;
      expect(name).not.toMatch(/[/\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}]|^ | $| {2}/u);
      expect(name).not.toMatch(/^\.*$/);
      expect([...name].length).toBeLessThanOrEqual(maxNameLength);
      expect(name.isWellFormed()).toBe(true);
      expect(toFileName(name)).toBe(name);
    }
  });
});

const evil = [
  ..."abc./\\ :;\"'%<>|*?\0\n\r\t\u0085\u00a0\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f",
  ..."\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u2800\u3000\u3164\ufe0f\ufeff\uffa0\uffef\ufff9\ufffd\uffff",
  ..."e\u0301A\u030aק語\u{1f469}\u{e0001}\u{e007f}\u{10ffff}ﬀＡ／∕․",
  "\ud800",
  "\udc00",
  "..",
  "../",
  "%2e%2e%2f",
  "CON",
  "a".repeat(60),
  "=cmd|' /C calc'!A0",
  "<script>",
  "$(id)",
  "`id`",
];
