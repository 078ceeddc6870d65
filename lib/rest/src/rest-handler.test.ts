import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Message } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport, type HandlerContext } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createRestHandler } from "./rest-handler.ts";
import { ShelfService } from "./test-service.ts";

type Book = Message & { bookId: string };
type Unary = (book: Book, ctx: HandlerContext) => unknown;

let unary: Unary;
let follow: (book: Book, ctx: HandlerContext) => AsyncIterable<unknown>;
let watch: (book: Book, ctx: HandlerContext) => AsyncIterable<unknown>;
let calls: { rpc: string; book: Book; headers: Headers }[];
let base: string;

const echo = (name: string) => (book: Book, ctx: HandlerContext) => {
  calls.push({ rpc: name, book, headers: ctx.requestHeader });
  return unary(book, ctx);
};
const transport = createRouterTransport((router) => {
  const names = ["getBook", "listBooks", "getMine", "addBook", "renewBook", "resizeBook", "deleteBook"];
  router.service(ShelfService, {
    ...Object.fromEntries(names.map((name) => [name, echo(name)])),
    followBook: (book: Book, ctx: HandlerContext) => follow(book, ctx),
    watchBooks: (book: Book, ctx: HandlerContext) => watch(book, ctx),
  } as never);
});
const rest = createRestHandler({
  services: [ShelfService],
  client: (service) => createClient(service, transport),
  otherRoutes: [{ method: "PUT", path: "/v1/books/{book_id}/content" }],
  maxBodyBytes: 1_000,
  bodyTimeoutMs: 300,
  heartbeatMs: 40,
  graceMs: 100,
});
const server = createServer((req, res) => {
  if (!rest(req, res)) res.writeHead(404).end("not rest");
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  calls = [];
  unary = (book) => ({ book });
});

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(base + path, {
    method,
    headers: body === undefined || isRaw ? headers : { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: (isRaw ? body : JSON.stringify(body)) as string }),
  });
  const text = await response.text();
  const isJson =
    text !== "" &&
    /json$/.test(response.headers.get("content-type") ?? "") &&
    !/ndjson/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : null,
  };
}

describe("paths", () => {
  test("bind a variable, percent-decoded", async () => {
    const { status, json } = await call("GET", "/v1/books/a%2Fb%20%C3%A9");
    expect([status, json.book.bookId]).toEqual([200, "a/b é"]);
  });

  test("prefer a literal to a variable", async () => {
    await call("GET", "/v1/books/mine");
    expect(calls[0]?.rpc).toBe("getMine");
  });

  test("take verbs, and leave other verbs unknown", async () => {
    await call("POST", "/v1/books/7:renew");
    expect(calls[0]).toMatchObject({ rpc: "renewBook", book: { bookId: "7" } });
    expect((await call("POST", "/v1/books/7:burn")).text).toBe("not rest");
  });

  test("take variables of several segments and further bindings", async () => {
    const { json } = await call("PUT", "/v1/shelves/2/books/7/size", { width: 3 });
    expect(json.book).toMatchObject({ bookId: "shelves/2/books/7", size: { width: 3 } });
  });

  test.each(["/v1/books/%zz", "/v1/books/%ff", "/v1/books/%"])("refuse the broken escape of %s", async (path) => {
    const { status, json } = await call("GET", path);
    expect([status, json.code, json.violations[0].field]).toEqual([400, "invalid_argument", "bookId"]);
  });

  test("that no template has are left to others", async () => {
    for (const path of ["/", "/v1/books/", "/v1/books/1/2", "/v1/Books", "/v1/books/1:", "//v1/books"]) {
      expect((await call("GET", path)).text).toBe("not rest");
    }
  });

  test("answer 405 with Allow to other methods, those served elsewhere too", async () => {
    const known = await call("PUT", "/v1/books/1");
    expect([known.status, known.headers.get("allow"), known.json.code]).toEqual([
      405,
      "DELETE, GET, HEAD",
      "unimplemented",
    ]);
    const other = await call("GET", "/v1/books/1/content");
    expect([other.status, other.headers.get("allow")]).toEqual([405, "PUT"]);
  });

  test("answer HEAD like GET without the body", async () => {
    const { status, text, headers } = await call("HEAD", "/v1/books/1");
    expect([status, text, Number(headers.get("content-length")) > 50]).toEqual([200, "", true]);
  });
});

describe("queries", () => {
  test("bind every kind of field, in both spellings", async () => {
    const query =
      "pageCount=12&byte_count=9007199254740993&in_print=true&genre=GENRE_POEM&genres=2&genres=GENRE_POEM&tags=a+b&tags=c%26" +
      "&dueTime=2026-01-31T12:00:00Z&loan=1.5s&size.width=4&size.tallEdge=5&size.inner.width=6&cover=AQI%3D&price=1e3&lent=true";
    const { json } = await call("GET", `/v1/books/1?${query}`);
    expect(json.book).toEqual({
      bookId: "1",
      pageCount: 12,
      byteCount: "9007199254740993",
      inPrint: true,
      genre: "GENRE_POEM",
      genres: ["GENRE_PLAY", "GENRE_POEM"],
      tags: ["a b", "c&"],
      dueTime: "2026-01-31T12:00:00Z",
      loan: "1.500s",
      size: { width: 4, tallEdge: "5", inner: { width: 6, tallEdge: "0" } },
      sizes: [],
      cover: "AQI=",
      price: 1000,
      lent: true,
    });
  });

  test.each([
    ["colour=red", "colour"],
    ["size.depth=1", "size.depth"],
    ["page_count=x", "pageCount"],
    ["page_count=1.5", "pageCount"],
    ["page_count=99999999999", "pageCount"],
    ["page_count=", "pageCount"],
    ["byteCount=1e30", "byteCount"],
    ["inPrint=yes", "inPrint"],
    ["in_print", "inPrint"],
    ["genre=GENRE_X", "genre"],
    ["genres=GENRE_POEM&genres=no", "genres[1]"],
    ["dueTime=tomorrow", "dueTime"],
    ["loan=5", "loan"],
    ["size=4", "size"],
    ["sizes=4", "sizes"],
    ["sizes.width=4", "sizes.width"],
    ["cover=!", "cover"],
    ["lent=1", "lent"],
    ["pageCount=1&page_count=2", "pageCount"],
    ["book_id=2", "book_id"],
    ["tags=%zz", "tags"],
    ["tags=%c3%28", "tags"],
    ["%zz=1", ""],
    ["__proto__=1", "__proto__"],
    ["constructor=1", "constructor"],
  ])("refuse %s, naming the field", async (query, field) => {
    const { status, json } = await call("GET", `/v1/books/1?${query}`);
    expect([status, json.code, json.violations[0].field]).toEqual([400, "invalid_argument", field]);
    expect(calls).toEqual([]);
  });

  test("name every bad parameter at once", async () => {
    const { json } = await call("GET", "/v1/books/1?a=1&b=2");
    expect(json.violations.map(({ field }: { field: string }) => field)).toEqual(["a", "b"]);
  });
});

describe("bodies", () => {
  test("bind the whole request, in both spellings", async () => {
    const { json } = await call("POST", "/v1/books", {
      page_count: 3,
      byteCount: "4",
      sizes: [{ tall_edge: 1 }],
      genre: 1,
    });
    expect(json.book).toMatchObject({ pageCount: 3, byteCount: "4", sizes: [{ tallEdge: "1" }], genre: "GENRE_POEM" });
  });

  test("bind one field", async () => {
    const { json } = await call("PATCH", "/v1/books/7/size?pageCount=2", { width: 3 });
    expect(json.book).toMatchObject({ bookId: "7", pageCount: 2, size: { width: 3 } });
  });

  test("may be empty, and without a content type", async () => {
    expect((await call("POST", "/v1/books")).status).toBe(200);
    expect((await call("POST", "/v1/books", "", { "content-type": "text/plain" })).status).toBe(200);
    expect((await call("POST", "/v1/books", new TextEncoder().encode('{"pageCount":1}'))).json.book.pageCount).toBe(1);
    expect((await call("DELETE", "/v1/books/1", {})).status).toBe(200);
  });

  test("may repeat the path but not contradict it", async () => {
    expect((await call("POST", "/v1/books/7:renew", { bookId: "7" })).status).toBe(200);
    const { status, json } = await call("POST", "/v1/books/7:renew", { book_id: "8" });
    expect([status, json.violations[0]]).toMatchObject([400, { field: "bookId", rule: "conflict" }]);
  });

  test.each([
    [{ colour: "red" }, "colour", "unknown_field"],
    [{ size: { depth: 1 } }, "size.depth", "unknown_field"],
    [{ sizes: [{}, { width: "x" }] }, "sizes[1].width", "type"],
    [{ pageCount: "x" }, "pageCount", "type"],
    [{ pageCount: true }, "pageCount", "type"],
    [{ pageCount: 2 ** 40 }, "pageCount", "type"],
    [{ bookId: 1 }, "bookId", "type"],
    [{ bookId: "\ud800" }, "bookId", "type"],
    [{ inPrint: "true" }, "inPrint", "type"],
    [{ tags: "a" }, "tags", "type"],
    [{ tags: ["a", 1] }, "tags[1]", "type"],
    [{ tags: [null] }, "tags[0]", "type"],
    [{ genre: "POEM" }, "genre", "type"],
    [{ size: [] }, "size", "type"],
    [{ dueTime: "now" }, "dueTime", "type"],
    [{ pageCount: 1, page_count: 1 }, "pageCount", "oneof"],
    [[], "", "type"],
    [1, "", "type"],
    [null, "", "type"],
  ])("like %j are refused, naming %s", async (body, field, rule) => {
    const { status, json } = await call("POST", "/v1/books", JSON.stringify(body), {
      "content-type": "application/json",
    });
    expect([status, json.code, json.violations[0]]).toMatchObject([400, "invalid_argument", { field, rule }]);
    expect(calls).toEqual([]);
  });

  test("nested too deeply are refused", async () => {
    const deep = `${'{"inner":'.repeat(90)}{}${"}".repeat(90)}`;
    expect((await call("POST", "/v1/books", `{"size":${deep}}`, { "content-type": "application/json" })).status).toBe(
      200,
    );
    const tooDeep = `${'{"inner":'.repeat(98)}{"x":1}${"}".repeat(98)}`;
    const { status, json } = await call("POST", "/v1/books", `{"size":${tooDeep}}`, {
      "content-type": "application/json",
    });
    expect([status, json.code]).toEqual([400, "invalid_argument"]);
  });

  test.each([
    ["{", "application/json"],
    ["nonsense", "application/json"],
    [new Uint8Array([0x22, 0xff, 0x22]), "application/json"],
  ])("that are not JSON in UTF-8 are refused: %s", async (body, type) => {
    const { status, json } = await call("POST", "/v1/books", body, { "content-type": type });
    expect([status, json.violations[0].rule]).toEqual([400, "json"]);
  });

  test.each([
    [{ "content-type": "text/plain" }],
    [{ "content-type": "application/x-www-form-urlencoded" }],
    [{ "content-type": "application/json; charset=latin1" }],
    [{ "content-type": "application/json", "content-encoding": "gzip" }],
  ])("with %j are 415", async (headers) => {
    const { status, json } = await call("POST", "/v1/books", "{}", headers as unknown as Record<string, string>);
    expect([status, json.code]).toEqual([415, "invalid_argument"]);
  });

  test("that are too large are 413, declared or chunked", async () => {
    const large = JSON.stringify({ bookId: "x".repeat(5_000_000) });
    const declared = await call("POST", "/v1/books", large, { "content-type": "application/json" });
    expect([declared.status, declared.json.code]).toEqual([413, "resource_exhausted"]);
    const chunked = await fetch(`${base}/v1/books`, {
      method: "POST",
      body: new Blob([large]).stream(),
      duplex: "half",
    } as never);
    expect(chunked.status).toBe(413);
  });

  test("that trickle or stall are 408, and the connection ends", async () => {
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(
      "POST /v1/books HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
    );
    const trickle = setInterval(() => socket.write(" "), 50);
    let answered = "";
    for await (const chunk of socket) answered += chunk;
    clearInterval(trickle);
    expect(answered).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"deadline_exceeded"/);
    expect(calls).toEqual([]);
  });

  test("are refused where the rule has none", async () => {
    const { status, json } = await call("DELETE", "/v1/books/1", { tags: ["a"] });
    expect([status, json.violations[0].rule]).toEqual([400, "no_body"]);
  });

  test("refuse queries beside a whole body", async () => {
    expect((await call("POST", "/v1/books?pageCount=1", {})).json.violations[0].field).toBe("pageCount");
  });
});

describe("answers", () => {
  test("write implicit defaults, and a response body of its own", async () => {
    expect((await call("GET", "/v1/books?page_count=2")).json).toMatchObject({
      pageCount: 2,
      inPrint: false,
      tags: [],
    });
  });

  test("are problems where the call fails", async () => {
    unary = () => {
      throw new ConnectError("No such book.", Code.NotFound);
    };
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { status, headers, json } = await call("GET", "/v1/books/1", undefined, { traceparent });
    expect(status).toBe(404);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(json).toMatchObject({
      code: "not_found",
      detail: "No such book.",
      traceId: "0af7651916cd43dd8448eb211c80319c",
    });
  });

  test("pass headers on, and back", async () => {
    unary = (book, ctx) => {
      ctx.responseHeader.set("cache-control", "max-age=60");
      return { book };
    };
    const { headers } = await call("GET", "/v1/books/1", undefined, {
      authorization: "Bearer t",
      "user-agent": "tester",
      cookie: "a=b",
    });
    expect(headers.get("cache-control")).toBe("max-age=60");
    const passed = calls[0]?.headers;
    expect([passed?.get("authorization"), passed?.get("user-agent"), passed?.get("cookie")]).toEqual([
      "Bearer t",
      "tester",
      null,
    ]);
  });

  test("that come too late are deadline_exceeded", async () => {
    unary = (_, ctx) =>
      new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));
    const { status, json } = await call("GET", "/v1/books/1", undefined, { "connect-timeout-ms": "30" });
    expect([status, json.code]).toEqual([504, "deadline_exceeded"]);
  });

  test("that nobody waits for cancel the call", async () => {
    const cancelled = new Promise<void>((resolve) => {
      unary = (_, ctx) => new Promise(() => ctx.signal.addEventListener("abort", () => resolve()));
    });
    const client = request(`${base}/v1/books/1`).on("error", () => undefined);
    client.end();
    while (calls.length === 0) await delay(5);
    client.destroy();
    await cancelled;
  });
});

describe("streams", () => {
  test("are NDJSON by default", async () => {
    follow = async function* ({ bookId }) {
      yield { book: { bookId } };
      yield { book: { bookId: "2" } };
    };
    const { headers, text } = await call("GET", "/v1/books/1/follow");
    expect(headers.get("content-type")).toBe("application/x-ndjson");
    expect(
      text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line).book.bookId),
    ).toEqual(["1", "2"]);
  });

  test("are events named after the only field", async () => {
    follow = async function* () {
      yield { book: { bookId: "1" } };
    };
    const { headers, text } = await call("GET", "/v1/books/1/follow", undefined, { accept: "text/event-stream" });
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(text).toMatch(/^event: book\ndata: \{"book":\{"bookId":"1".*\}\n\n$/);
  });

  test("are events named after the oneof's case, numbered by the cursor", async () => {
    watch = async function* () {
      yield { cursor: "c1", event: { case: "bookGone", value: "a\nb" } };
      yield { cursor: "", event: { case: "book", value: { bookId: "1" } } };
    };
    const { text } = await call("GET", "/v1/books:watch", undefined, { accept: "text/event-stream" });
    const [first, second] = text.split("\n\n");
    expect(first).toBe('event: bookGone\nid: c1\ndata: {"cursor":"c1","bookGone":"a\\nb"}');
    expect(second).toMatch(/^event: book\ndata: \{"cursor":"","book":\{/);
  });

  test("that fail before their first message are problems with a status", async () => {
    // biome-ignore lint/correctness/useYield: fails first
    follow = async function* () {
      await delay(10);
      throw new ConnectError("Who are you?", Code.Unauthenticated);
    };
    const { status, headers, json } = await call("GET", "/v1/books/1/follow", undefined, {
      accept: "text/event-stream",
    });
    expect([status, json.code, headers.get("www-authenticate")]).toEqual([401, "unauthenticated", "Bearer"]);
  });

  test("that fail later say so in the stream", async () => {
    follow = async function* () {
      yield {};
      throw new ConnectError("Gone.", Code.Unavailable);
    };
    const events = await call("GET", "/v1/books/1/follow", undefined, { accept: "text/event-stream" });
    expect(events.status).toBe(200);
    const last = events.text.trim().split("\n\n").at(-1)?.split("\n") ?? [];
    expect(last[0]).toBe("event: error");
    expect(JSON.parse(last[1]?.slice(6) ?? "")).toMatchObject({ code: "unavailable", detail: "Gone." });
    const lines = (await call("GET", "/v1/books/1/follow")).text.trim().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ error: { code: "unavailable", status: 503 } });
  });

  test("that are silent answer after a while and send heartbeats", async () => {
    follow = async function* (_, ctx) {
      await delay(250, undefined, { signal: ctx.signal });
      yield { book: { bookId: "late" } };
    };
    const { text } = await call("GET", "/v1/books/1/follow", undefined, { accept: "text/event-stream" });
    expect(text).toMatch(/^(: heartbeat\n\n)+event: book\n/);
    const lines = (await call("GET", "/v1/books/1/follow")).text;
    expect(lines).toMatch(/^\{"book".*\}\n$/);
  });

  test("refuse bad input before they start", async () => {
    const { status, json } = await call("GET", "/v1/books/1/follow?nope=1", undefined, { accept: "text/event-stream" });
    expect([status, json.violations[0].field]).toEqual([400, "nope"]);
  });

  test("end the call when the client goes away, and wait for one that reads slowly", async () => {
    let sent = 0;
    const ended = new Promise<void>((resolve) => {
      follow = async function* (_, ctx) {
        ctx.signal.addEventListener("abort", () => resolve());
        for (; !ctx.signal.aborted; sent++) {
          yield { book: { bookId: "x".repeat(64 * 1024) } };
          await delay(0);
        }
      };
    });
    const client = request(`${base}/v1/books/1/follow`).on("error", () => undefined);
    client.end();
    const [response] = (await once(client, "response")) as [NodeJS.ReadableStream];
    response.pause();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await delay(200);
    }
    expect(sent).toBeLessThan(400);
    client.destroy();
    await ended;
  });
});
