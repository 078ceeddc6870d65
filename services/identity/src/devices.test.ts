import { expect, test } from "vitest";
import { deviceTokenOf } from "./devices.ts";

const call = { requestHeader: new Headers({ cookie: "lyceum-device=planted; __Host-lyceum-device=own" }) };
const silent = { deviceToken: "" };

test("over TLS, a device is known by nothing that a sibling of the host can plant", () => {
  expect(deviceTokenOf({ publicUrl: "https://lyceum.example.org" }, silent, call)).toBe("own");
  expect(deviceTokenOf({ publicUrl: "http://localhost:8080" }, silent, call)).toBe("planted");
});

test("a device that names itself is taken at its word", () => {
  expect(deviceTokenOf({ publicUrl: "https://lyceum.example.org" }, { deviceToken: "named" }, call)).toBe("named");
});
