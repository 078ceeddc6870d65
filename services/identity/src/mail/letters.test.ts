import { expect, test } from "vitest";
import * as letters from "./letters.ts";

const options = { to: "ada@example.org", publicUrl: "https://lyceum.example" };

test.each(Object.entries(letters))(
  "%s says the same in both forms, and its link keeps its token to itself",
  (_, write) => {
    const { to, subject, text, html } = write(options, "tok_en-12345678");
    expect([to, subject]).toEqual([options.to, expect.stringMatching(/^[\w' -]+$/)]);
    const [, url] = /(https:\S+)/.exec(text) ?? [];
    if (url) expect(html).toContain(`href="${url}"`);
    // After the `#`, where no server and no log sees it.
    if (text.includes("token=")) expect(text).toContain("#token=tok_en-12345678");
    for (const line of text.split("\n\n").filter((line) => /^[\w ,]+\.$/.test(line))) expect(html).toContain(line);
  },
);

test("what stands in a link cannot leave it", () => {
  const { html } = letters.verifyEmailLetter({ ...options, publicUrl: 'https://x"><script>' }, "token");
  expect(html).not.toContain("<script>");
});
