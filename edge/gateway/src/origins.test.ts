import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { createOrigins } from "./origins.ts";

const own = "https://lyceum.example.org";
const sibling = "https://school.example.org";
const origins = createOrigins([own, sibling], { publicUrl: own, filesOrigin: "https://files.example.org" });

/** Whether the cookie of a request counts. */
const mayUse = (method: string, headers: Record<string, string>, all = origins) =>
  all.mayUseCookie({ method, headers: { host: "lyceum.example.org", ...headers } } as unknown as IncomingMessage);

describe("a cookie", () => {
  test.each<[string, string, boolean]>([
    ["own", own, true],
    ["an allowed sibling", sibling, true],
    ["another site", "https://evil.example.com", false],
    ["a sibling nobody named", "https://other.example.org", false],
    ["the own host without TLS", "http://lyceum.example.org", false],
    ["the own host at another port", "https://lyceum.example.org:8443", false],
    ["a name that begins alike", "https://lyceum.example.org.evil.com", false],
    ["none that may be told", "null", false],
    ["empty", "", false],
  ])("brought by a page whose origin is %s (%s) counts: %s", (_, origin, counts) => {
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) expect(mayUse(method, { origin })).toBe(counts);
    expect(mayUse("GET", { origin, upgrade: "websocket" })).toBe(counts);
  });

  test.each<[string | undefined, { read: boolean; write: boolean }]>([
    ["same-origin", { read: true, write: true }],
    ["none", { read: true, write: false }],
    [undefined, { read: true, write: false }],
    ["same-site", { read: false, write: false }],
    ["cross-site", { read: false, write: false }],
  ])(
    "without an origin, from %s, counts as the browser says, and never for a change or a socket unless it vouches",
    (site, { read, write }) => {
      const headers: Record<string, string> = site === undefined ? {} : { "sec-fetch-site": site };
      for (const method of ["GET", "HEAD"]) expect(mayUse(method, headers)).toBe(read);
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) expect(mayUse(method, headers)).toBe(write);
      expect(mayUse("GET", { ...headers, upgrade: "websocket" })).toBe(write);
    },
  );

  test("of another site never counts, whatever origin it names", () => {
    expect(mayUse("POST", { origin: sibling, "sec-fetch-site": "cross-site" })).toBe(false);
    expect(mayUse("POST", { origin: sibling, "sec-fetch-site": "same-site" })).toBe(true);
  });

  test("counts at an address that nobody named, for pages of that address, but never for the files' origin", () => {
    const host = "10.0.0.7:8080";
    const local = createOrigins([], { publicUrl: "http://localhost:8080", filesOrigin: "http://10.0.0.7:9090" });
    expect(mayUse("POST", { host, origin: `http://${host}` }, local)).toBe(true);
    expect(mayUse("POST", { host, origin: "http://10.0.0.8:8080" }, local)).toBe(false);
    expect(mayUse("POST", { host: "10.0.0.7:9090", origin: "http://10.0.0.7:9090" }, local)).toBe(false);
  });
});
