import { expect, test } from "vitest";
import { readCookie, sessionCookieName, toSetCookie, withoutCookie } from "./session-cookie.ts";

test("a cookie over TLS is bound to its host, and none is ever read by scripts or sent by other sites", () => {
  const lineAt = (url: string) => toSetCookie(url, { name: sessionCookieName(url), value: "v", maxAgeSeconds: 60 });
  expect(lineAt("https://lyceum.example.org")).toBe(
    "__Host-lyceum-session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure",
  );
  expect(lineAt("http://localhost:8080")).toBe("lyceum-session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
});

test.each([
  [undefined, "", undefined],
  ["", "", undefined],
  ["s=1", "1", undefined],
  ["a=b; s=1;c=d", "1", "a=b; c=d"],
  ["s=1; a=b; s=2", "1", "a=b"],
  ["xs=1; S=2; s", "", "xs=1; S=2; s"],
  ["s=a=b", "a=b", undefined],
])("of %j one cookie is %j and the rest %j", (header, value, rest) => {
  expect(readCookie(header, "s")).toBe(value);
  expect(withoutCookie(header, "s")).toBe(rest);
});
