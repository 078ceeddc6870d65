import { describe, expect, it } from "vitest";
import { contentDisposition, contentHeaders } from "./content-headers.ts";

describe("contentHeaders", () => {
  it.each([
    "text/html",
    "image/svg+xml",
    "application/xml",
    "application/xhtml+xml",
    "text/javascript",
    "application/x-msdownload",
    "text/css",
  ])("turns %s into plain bytes", (mediaType) => {
    expect(contentHeaders({ name: "x", mediaType })["content-type"]).toBe("application/octet-stream");
  });

  it.each([
    ["application/pdf", "application/pdf"],
    ["image/png", "image/png"],
    ["text/plain", "text/plain; charset=utf-8"],
    ["text/markdown", "text/markdown; charset=utf-8"],
  ])("keeps %s", (mediaType, sent) => {
    expect(contentHeaders({ name: "x", mediaType })["content-type"]).toBe(sent);
  });
});

describe("contentDisposition", () => {
  it.each([
    ["plain.txt", `attachment; filename="plain.txt"; filename*=UTF-8''plain.txt`],
    ['a"b\\c%41.txt', `attachment; filename="a_b_c_41.txt"; filename*=UTF-8''a%22b%5Cc%2541.txt`],
    ["naïve (1)*'.txt", `attachment; filename="na_ve (1)*'.txt"; filename*=UTF-8''na%C3%AFve%20%281%29%2A%27.txt`],
    ["統😀", `attachment; filename="__"; filename*=UTF-8''%E7%B5%B1%F0%9F%98%80`],
  ])("encodes %s", (name, header) => {
    expect(contentDisposition(name)).toBe(header);
  });
});
