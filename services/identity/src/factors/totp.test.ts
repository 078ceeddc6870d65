import { Secret } from "otpauth";
import { expect, test } from "vitest";
import { checkTotp, newTotpSecret, totpUri } from "./totp.ts";

// RFC 6238, appendix B: the last six digits of its SHA-1 codes.
const secret = Secret.fromLatin1("12345678901234567890").base32;
const at = (seconds: number) => new Date(seconds * 1000);

test.each([
  [59, "287082", 1],
  [1_111_111_109, "081804", 37_037_036],
  [2_000_000_000, "279037", 66_666_666],
])("takes the code of RFC 6238 at %i", (seconds, code, step) => {
  expect(checkTotp(secret, code, at(seconds), null)).toBe(step);
  expect(checkTotp(secret, `${code.slice(0, 3)} ${code.slice(3)}`, at(seconds), null)).toBe(step);
});

test("takes a code one step early or late, and no further", () => {
  const shifts = [-60, -30, 0, 30, 60];
  const taken = shifts.map((seconds) => checkTotp(secret, "081804", at(1_111_111_109 + seconds), null));
  expect(taken).toEqual([undefined, 37_037_036, 37_037_036, 37_037_036, undefined]);
});

test("takes no code twice, nor one of an older step", () => {
  expect(checkTotp(secret, "287082", at(59), 1)).toBeUndefined();
  expect(checkTotp(secret, "287082", at(59), 2)).toBeUndefined();
  expect(checkTotp(secret, "287082", at(59), 0)).toBe(1);
});

test.each(["", "28708", "2870820", "abcdef", "２８７０８２", "-28708"])("refuses %j", (code) => {
  expect(checkTotp(secret, code, at(59), null)).toBeUndefined();
});

test("makes secrets of 160 bits, and the URI that apps read", () => {
  const made = newTotpSecret();
  expect(made).toMatch(/^[A-Z2-7]{32}$/);
  const uri = totpUri(made, "ada@example.org");
  expect(uri).toMatch(/^otpauth:\/\/totp\/Lyceum:ada%40example\.org\?/);
  expect(Object.fromEntries(new URL(uri).searchParams)).toMatchObject({
    secret: made,
    issuer: "Lyceum",
    digits: "6",
    period: "30",
  });
});
