import { expect, test } from "vitest";
import { networkOf } from "./client.ts";

test.each([
  ["203.0.113.77", "203.0.113.0/24"],
  ["127.0.0.1", "127.0.0.0/24"],
  ["2001:db8:7:8:9:a:b:c", "2001:db8:7::/48"],
  ["2001:0DB8:0007::1", "2001:db8:7::/48"],
  ["::1", "0:0:0::/48"],
  ["2001:db8::", "2001:db8:0::/48"],
  ["", ""],
  ["somewhere", ""],
])("%s is in the network %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
