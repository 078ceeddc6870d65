import { expect, test } from "vitest";
import { relyingPartyAt } from "./relying-party.ts";

test.each([
  ["https://lyceum.example.org", "lyceum.example.org", "https://lyceum.example.org"],
  ["https://lyceum.example.org:8443", "lyceum.example.org", "https://lyceum.example.org:8443"],
  ["http://localhost:8080", "localhost", "http://localhost:8080"],
])("passkeys made at %s are of %s", (url, id, origin) => {
  expect(relyingPartyAt(url)).toEqual({ id, origin });
});

test.each(["https://203.0.113.7", "https://[2001:db8::1]:8443", "http://127.0.0.1:8080", "http://lyceum.example.org"])(
  "browsers make no passkeys at %s",
  (url) => {
    expect(relyingPartyAt(url)).toBeUndefined();
  },
);
