import type { IncomingMessage, ServerResponse } from "node:http";
import { tempFolder } from "@lyceum/testing";
import { expect, test } from "vitest";
import { openOutbox } from "../mail/outbox.ts";
import { devMail } from "./dev-mail.ts";

const outbox = await openOutbox(await tempFolder());

test.each(["https://lyceum.example.org", "http://10.0.0.7:8080", "http://localhost.example.org"])(
  "is not there where people reach Lyceum at %s",
  (publicUrl) => {
    expect(devMail(outbox, publicUrl)).toEqual([]);
  },
);

test("is not there where mails are sent", () => {
  expect(devMail(undefined, "http://localhost:8080")).toEqual([]);
});

test.each([
  ["127.0.0.1", { host: "localhost:8080" }, true],
  ["::ffff:127.0.0.1", { host: "127.0.0.1:8080" }, true],
  ["::1", { ":authority": "[::1]:8080" }, true],
  ["203.0.113.7", { host: "localhost:8080" }, false],
  ["127.0.0.1", { host: "rebound.example.org" }, false],
  ["127.0.0.1", { host: "localhost:8080", forwarded: "for=203.0.113.7" }, false],
  ["127.0.0.1", { host: "127.0.0.1:8081", "lyceum-client-address": "127.0.0.1" }, true],
  ["127.0.0.1", { host: "127.0.0.1:8081", "lyceum-client-address": "192.168.1.7" }, false],
  ["127.0.0.1", {}, false],
])("to a call from %s for %j it is %s that it answers", async (remoteAddress, headers, answers) => {
  const [route] = devMail(outbox, "http://localhost:8080");
  let status = 404;
  const res = { writeHead: (code: number) => (status = code), end: () => {} } as unknown as ServerResponse;
  const req = { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
  await Promise.resolve(route?.handle({ req, res } as never)).catch(() => {});
  expect(status).toBe(answers ? 200 : 404);
});
