import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createContentMeter, meterBytes } from "../content-meter.ts";
import { fileTooLarge } from "../errors.ts";
import { readUpload } from "./read-upload.ts";

const limitBytes = 1_000_000;
const limit = { bytes: limitBytes, exceeded: () => fileTooLarge(limitBytes) };
let server: Server;
let url: string;
let port: number;
let seen: { name?: string; bytes?: Buffer; error?: unknown };
let slowReader = false;

beforeAll(async () => {
  server = createServer(async (req, res) => {
    const abort = new AbortController();
    res.once("close", () => abort.abort(new Error("gone")));
    try {
      const query = new URL(req.url ?? "", "http://x").searchParams;
      const upload = await readUpload(req, query, { limitBytes, idleMs: 1_000, signal: abort.signal });
      seen.name = upload.name;
      const pieces: Uint8Array[] = [];
      for await (const piece of meterBytes(upload.bytes, createContentMeter(), limit)) {
        pieces.push(Uint8Array.from(piece));
        if (slowReader) await delay(2);
      }
      seen.bytes = Buffer.concat(pieces);
      res.writeHead(201).end("{}");
    } catch (error) {
      seen.error = error;
      res.writeHead(400, { connection: "close" }).end(ConnectError.from(error).rawMessage);
      req.resume();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  port = (server.address() as AddressInfo).port;
  url = `http://127.0.0.1:${port}/v1/files`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen = {};
  slowReader = false;
});

const post = (query: string, body: BodyInit, headers?: Record<string, string>) =>
  fetch(`${url}${query}`, { method: "POST", body, ...(headers ? { headers } : {}) });

function formOf(...files: [field: string, bytes: Uint8Array<ArrayBuffer>, name: string][]): FormData {
  const form = new FormData();
  for (const [field, bytes, name] of files) form.append(field, new Blob([bytes]), name);
  return form;
}

describe("a raw body", () => {
  it("is the file, whatever its content type says", async () => {
    const bytes = randomBytes(300_000);
    await post("?name=a%20b.pdf", bytes, { "content-type": "application/x-www-form-urlencoded" });
    expect(seen).toMatchObject({ name: "a b.pdf", bytes });
  });

  it("may be empty", async () => {
    expect((await post("?name=empty", "")).status).toBe(201);
    expect(seen.bytes).toHaveLength(0);
  });

  it.each([
    ["", "name"],
    ["?name=", "name"],
    ["?name=..%2F", "name"],
    [`?name=${"x".repeat(256)}`, "name"],
    ["?name=a&size=3", "size"],
  ])("is refused by name with %s", async (query, named) => {
    expect(await (await post(query, "x")).text()).toContain(named);
  });

  it("is refused beyond the limit, announced or not", async () => {
    const bytes = Buffer.alloc(limitBytes + 1);
    expect(await (await post("?name=big", bytes)).text()).toContain(`limited to ${limitBytes} bytes`);
    const chunked = request(`${url}?name=big`, { method: "POST" });
    chunked.end(bytes);
    const [res] = await once(chunked, "response");
    expect(await text(res)).toContain(`limited to ${limitBytes} bytes`);
  });

  it("of exactly the limit is taken", async () => {
    expect((await post("?name=big", Buffer.alloc(limitBytes))).status).toBe(201);
  });

  it("is refused with a content encoding", async () => {
    expect(await (await post("?name=a", "x", { "content-encoding": "gzip" })).text()).toContain("content encoding");
  });

  it.each([["Content-Length: 100\r\n\r\nshort"], ["Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"]])(
    "that breaks off is an error: %j",
    async (rest) => {
      const socket = connect(port, "127.0.0.1");
      socket.write(`POST /v1/files?name=a HTTP/1.1\r\nHost: x\r\n${rest}`);
      await once(server, "request");
      socket.destroy();
      await expect.poll(() => seen.error).toBeDefined();
      expect(seen.bytes).toBeUndefined();
    },
  );
});

describe("a form", () => {
  it("brings its file and the name of it, as browsers send it", async () => {
    const bytes = randomBytes(400_000);
    await post("", formOf(["file", bytes, "grüße 統.pdf"]));
    expect(seen).toMatchObject({ name: "grüße 統.pdf", bytes });
  });

  it("may be named by the query", async () => {
    await post("?name=mine.txt", formOf(["file", Buffer.from("x"), "theirs.txt"]));
    expect(seen.name).toBe("mine.txt");
  });

  it("is read as curl sends it, a path cut to its last part", async () => {
    const body =
      '--B\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n' +
      '--B\r\nContent-Disposition: form-data; name="file"; filename="C:\\dir\\a.txt"\r\n' +
      "Content-Type: text/html\r\n\r\nbytes\r\n--B--\r\n";
    await post("", body, { "content-type": "multipart/form-data; boundary=B" });
    expect(seen).toMatchObject({ name: "a.txt", bytes: Buffer.from("bytes") });
  });

  it("may hold an empty file", async () => {
    await post("", formOf(["file", Buffer.from(""), "empty.txt"]));
    expect(seen).toMatchObject({ name: "empty.txt", bytes: Buffer.from("") });
  });

  it("may hold other parts before and after, which are skipped", async () => {
    const form = formOf(["picture", randomBytes(200_000), "x.png"], ["file", Buffer.from("this"), "a.txt"]);
    form.append("comment", "y".repeat(100_000));
    await post("", form);
    expect(seen).toMatchObject({ name: "a.txt", bytes: Buffer.from("this") });
  });

  it("with two files is refused", async () => {
    const form = formOf(["file", randomBytes(200_000), "a"], ["file", randomBytes(200_000), "b"]);
    expect(await (await post("", form)).text()).toContain("second field `file`");
    expect(seen.bytes).toBeUndefined();
  });

  it("without a file is refused", async () => {
    const form = new FormData();
    form.append("file", "only text");
    expect(await (await post("", form)).text()).toContain("no file");
  });

  it("with a file without a good name is refused", async () => {
    expect(await (await post("", formOf(["file", randomBytes(500_000), ".."]))).text()).toContain("name");
  });

  it("with many parts is refused", async () => {
    const form = formOf(["file", Buffer.from("x"), "a"]);
    for (let at = 0; at < 40; at++) form.append(`f${at}`, "x");
    expect(await (await post("", form)).text()).toContain("too many");
  });

  it.each([
    ["without a boundary", "multipart/form-data", "x"],
    ["that is none", "multipart/form-data; boundary=B", "nonsense"],
    [
      "cut within the file",
      "multipart/form-data; boundary=B",
      '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbyt',
    ],
    ["with a broken header", "multipart/form-data; boundary=B", "--B\r\nContent-Dispo\0sition\r\n\r\nx\r\n--B--\r\n"],
  ])("%s is refused", async (_, type, body) => {
    await post("", body, { "content-type": type });
    expect(ConnectError.from(seen.error).code).toBe(Code.InvalidArgument);
    expect(seen.bytes).toBeUndefined();
  });

  it("with a file beyond the limit is refused, in its own part or another", async () => {
    const big = Buffer.alloc(limitBytes + 1);
    expect(await (await post("", formOf(["file", big, "a"]))).text()).toContain("limited");
    const other = formOf(["other", Buffer.alloc(2 * limitBytes + 2_000_000), "o"], ["file", Buffer.from("x"), "a"]);
    expect(await (await post("", other)).text()).toContain("limited");
  });

  it.each([
    ["before its file", "--B\r\nContent-Dispo"],
    ["within it", '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes'],
  ])("whose sender goes away %s is told from a backend that does", async (_, beginning) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 9999\r\n\r\n" +
        beginning,
    );
    await once(server, "request");
    socket.destroy();
    await expect.poll(() => seen.error).toEqual(new Error("gone"));
    expect(seen.bytes).toBeUndefined();
  });

  it("is read no faster than its file is stored", async () => {
    slowReader = true;
    const bytes = randomBytes(900_000);
    await post("", formOf(["file", bytes, "a"]));
    expect(seen.bytes?.equals(bytes)).toBe(true);
  });
});
