import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf } from "../test-identity.ts";
import { createCaptcha } from "./index.ts";

const never = new AbortController().signal;
const asked: URLSearchParams[] = [];
const server = createServer(async (req, res) => {
  const form = new URLSearchParams(await text(req));
  asked.push(form);
  if (form.get("response") === "breaks") res.writeHead(500).end();
  else res.end(JSON.stringify({ success: form.get("secret") === "s3cret" && form.get("response") === "solved" }));
});
let url: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`;
});
afterAll(() => void server.close());

const captcha = () => createCaptcha({ provider: "siteverify", url, secret: "s3cret", siteKey: "site" });

test("a solved CAPTCHA passes, and the service is told who solved it", async () => {
  await captcha().require("solved", "203.0.113.7", never);
  expect(Object.fromEntries(asked.at(-1) ?? [])).toEqual({
    secret: "s3cret",
    response: "solved",
    remoteip: "203.0.113.7",
  });
});

test.each(["", "made up"])("%j does not", async (token) => {
  const failure = await failureOf(captcha().require(token, "", never));
  expect(failure).toMatchObject({ code: Code.FailedPrecondition, reason: "CAPTCHA_REQUIRED" });
});

test("nobody passes while the service is away", async () => {
  expect((await failureOf(captcha().require("breaks", "", never))).code).toBe(Code.Unavailable);
});

test("without a service everybody passes", async () => {
  await expect(createCaptcha({ provider: "none" }).require("", "", never)).resolves.toBeUndefined();
});
