import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { createNetworks, readClientAddress } from "./client-address.ts";

const proxies = createNetworks(["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]);

function addressOf(remoteAddress: string, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return readClientAddress({ socket: { remoteAddress }, headers } as unknown as IncomingMessage, proxies);
}

test.each([
  ["198.51.100.1", undefined, "198.51.100.1"],
  ["::ffff:198.51.100.1", undefined, "198.51.100.1"],
  ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["::ffff:10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"],
  ["10.0.0.1", "6.6.6.6, 198.51.100.1 , 192.0.2.7", "198.51.100.1"],
  ["2001:db8::1", "2001:4860::8", "2001:4860::8"],
  ["10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"],
  ["10.0.0.1", "6.6.6.6, not an address", "10.0.0.1"],
  ["10.0.0.1", "", "10.0.0.1"],
])("from %s with %s comes %s", (remote, forwarded, address) => {
  expect(addressOf(remote, forwarded)).toEqual({ address, isForwardedByStranger: false });
});

test("a stranger's X-Forwarded-For is not believed", () => {
  expect(addressOf("198.51.100.1", "10.0.0.1")).toEqual({ address: "198.51.100.1", isForwardedByStranger: true });
});
