import { describe, expect, test } from "vitest";
import { displayNameOf, toEmailKey } from "./account.ts";

describe("addresses", () => {
  test.each([
    ["Ada@Example.org", "ada@example.org"],
    ["ADA@EXAMPLE.ORG", "ada@example.org"],
    ["ａｄａ@example.org", "ada@example.org"],
    ["STRASSE@example.org", "strasse@example.org"],
    ["\u212Aate@example.org", "kate@example.org"],
    ["a\ud800\0@example.org", "a\ufffd\ufffd@example.org"],
  ])("%s compares as %s", (email, key) => {
    expect(toEmailKey(email)).toBe(key);
  });
});

test.each([
  ["а\u0434а@example.org", "a cyrillic letter"],
  ["ada@ex\u0430mple.org", "a cyrillic letter in the domain"],
  ["ada@xn--exmple-4nf.org", "the same domain as browsers write it"],
  ["ada@\u0131nstitute.org", "a dotless i"],
])("%j with %s is another address than its look-alike", (email) => {
  expect(["ada@example.org", "ada@institute.org"]).not.toContain(toEmailKey(email));
});

describe("the name at sign-up", () => {
  test("is trimmed", () => {
    expect(displayNameOf("  Ada Lovelace ", "ada@example.org")).toBe("Ada Lovelace");
  });

  test.each(["", "   ", "\u200b \u{e0041}"])("given as %j is the part before the @", (given) => {
    expect(displayNameOf(given, "ada.lovelace@example.org")).toBe("ada.lovelace");
  });

  test("is cut to the 80 characters that a name may have", () => {
    expect(displayNameOf("", `${"x".repeat(200)}@example.org`)).toBe("x".repeat(80));
  });

  test.each(["Ada\u0000", "Ada\nLovelace", "Ada\u202eecalevoL", "Ada\u2028Lovelace"])("refuses %j", (given) => {
    expect(() => displayNameOf(given, "ada@example.org")).toThrow(/control characters/);
  });

  test("keeps joined emoji and every script", () => {
    expect(displayNameOf("👩‍🚀 阿达 أدا", "ada@example.org")).toBe("👩‍🚀 阿达 أدا");
  });
});
