import { expect, test } from "vitest";
import { readReturnTo } from "./return-to.ts";

test.each(["/", "/files", "/rooms/7?at=3#m9", "/search?q=https://example.org/", "/%E2%82%AC", "/a:b@c", "/a//b"])(
  "goes on at %s",
  (path) => {
    expect(readReturnTo(path)).toBe(path);
  },
);

test("goes on at the beginning where nothing is said", () => {
  expect(readReturnTo("")).toBe("/");
});

const evil = "evil.example.org";
test.each([
  ...[`https://${evil}`, `http://${evil}/`, `HTTPS://${evil}`, `//${evil}`, `///${evil}`, `////${evil}`],
  ...[`/\\${evil}`, `\\/${evil}`, `\\\\${evil}`, `\\${evil}`, `/\\/${evil}`, `/\\\\${evil}`, `/a\\..\\..//${evil}`],
  ...[`/\t/${evil}`, `/\n/${evil}`, `/\r/${evil}`, `\t//${evil}`, ` //${evil}`, `\u00a0//${evil}`, `/ /${evil}`],
  ...[`/.//${evil}`, `/..//${evil}`, `/a/..//${evil}`, `/./..//${evil}`, `/%2e//${evil}`, `/%2E%2e//${evil}`],
  ...[`https:${evil}`, `https:/${evil}`, `https:///${evil}`, `http:\\\\${evil}`, `ftp://${evil}`, `ws://${evil}`],
  ...["javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x"],
  ...["blob:https://x/1", "file:///etc/passwd", "about:blank", "mailto:a@b", "view-source:/", "filesystem:/"],
  ...[`@${evil}`, `user:pass@${evil}`, `${evil}`, `.${evil}`, `?next=//${evil}`, `#//${evil}`, "files", "../files"],
  ...["/\0", `/\u2028/${evil}`, "/é", `／／${evil}`, `/\u3002${evil}`, `//${evil}%2f..`, `//user@${evil}`],
])("goes nowhere for %j", (text) => {
  expect(readReturnTo(text)).toBeUndefined();
});
