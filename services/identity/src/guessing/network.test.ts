import { expect, test } from "vitest";
import { guessingNetworkOf } from "./network.ts";

test.each([
  ["203.0.113.77", "203.0.113.0/24"],
  ["2001:db8:7:8ff:9:a:b:c", "20010db8000708/56"],
  ["2001:0DB8:0007:08aa::1", "20010db8000708/56"],
  ["2001:db8:7:900::", "20010db8000709/56"],
  ["::1", "00000000000000/56"],
  ["fe80::1%eth0", "fe800000000000/56"],
  ["", ""],
  ["somewhere", ""],
])("%s guesses as %s", (address, network) => {
  expect(guessingNetworkOf(address)).toBe(network);
});
