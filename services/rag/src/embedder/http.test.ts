import { createServer, type IncomingHttpHeaders } from "node:http";
import { text as readText } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { EmbedderUnavailableError } from "./embedder.ts";
import { testEmbedder } from "./embedder-contract.ts";
import { openHttpEmbedder } from "./http.ts";

/** Answers in place of the next requests: a status, a body, or nothing at all. */
type Trouble = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> } | "hang";

let url: string;
let troubles: Trouble[] = [];
let asked: { headers: IncomingHttpHeaders; body: { model: string; input: string[] } }[] = [];
const server = createServer(async (req, res) => {
  const body = JSON.parse(await readText(req));
  asked.push({ headers: req.headers, body });
  const trouble = troubles.shift();
  if (trouble === "hang") return;
  const data = body.input.map((text: string, index: number) => ({ index, embedding: countWords(text) })).reverse();
  const answer = trouble ? (trouble.body ?? { error: { message: `No: ${body.input}` } }) : { data };
  setTimeout(() => {
    res.writeHead(trouble?.status ?? 200, { "content-type": "application/json", ...trouble?.headers });
    res.end(JSON.stringify(answer));
  }, body.input.length);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address?.port}/v1`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  troubles = [];
  asked = [];
});

const never = new AbortController().signal;
const open = (more: Partial<Parameters<typeof openHttpEmbedder>[0]> = {}) =>
  openHttpEmbedder({ url, name: "words", apiKey: undefined, retryMs: 1, ...more });

testEmbedder("http", async () => open());

test("asks for the model by name, with the key, and never for an empty text", async () => {
  await using embedder = open({ apiKey: "secret", url: `${url}/` });
  await embedder.embed(["The sea.", ""], "query", never);
  expect(asked).toMatchObject([
    { headers: { authorization: "Bearer secret" }, body: { model: "words", input: ["The sea.", "."] } },
  ]);
});

test("asks in batches", async () => {
  await using embedder = open();
  const texts = Array.from({ length: 70 }, (_, at) => `Text ${at}.`);
  expect(await embedder.embed(texts, "bulk", never)).toHaveLength(70);
  expect(asked.map(({ body }) => body.input.length)).toEqual([32, 32, 6]);
});

test("tries again what may pass: too many requests, errors of the provider", async () => {
  troubles = [{ status: 429, headers: { "retry-after": "0.01" } }, { status: 503 }, { status: 500 }];
  await using embedder = open();
  expect(await embedder.embed(["The sea."], "query", never)).toHaveLength(1);
  expect(asked).toHaveLength(4);
});

test.each<[string, Trouble[]]>([
  ["a refusal", [{ status: 401 }]],
  ["errors without end", Array(4).fill({ status: 500 })],
  ["nonsense", [{ status: 200, body: { data: [{ index: 0, embedding: ["a"] }] } }]],
  ["too few vectors", [{ status: 200, body: { data: [] } }]],
])("is unavailable after %s, and says nothing of the text or the key", async (_, list) => {
  troubles = [...list];
  await using embedder = open({ apiKey: "hunter2" });
  const error = await embedder.embed(["A private text."], "query", never).catch((reason) => reason);
  expect(error).toBeInstanceOf(EmbedderUnavailableError);
  expect(`${error.stack} ${error.cause}`).not.toMatch(/private|hunter2/);
  expect(asked).toHaveLength(list.length);
});

test("vectors of another length than before are refused", async () => {
  await using embedder = open();
  await embedder.embed(["The sea."], "query", never);
  troubles = [{ status: 200, body: { data: [{ index: 0, embedding: [1, 2, 3] }] } }];
  await expect(embedder.embed(["The sea."], "query", never)).rejects.toThrow("several lengths");
});

test("a provider that hangs is left when the caller leaves, or the embedder closes", async () => {
  const embedder = open();
  troubles = ["hang", "hang"];
  const reason = new Error("gone");
  const leaving = new AbortController();
  const left = embedder.embed(["The sea."], "query", leaving.signal);
  setTimeout(() => leaving.abort(reason), 20);
  await expect(left).rejects.toBe(reason);
  const closing = embedder.embed(["The sea."], "query", never);
  closing.catch(() => {});
  await embedder[Symbol.asyncDispose]();
  await expect(closing).rejects.toThrow(EmbedderUnavailableError);
});

test("a provider that is away is unavailable", async () => {
  await using embedder = open({ url: "http://127.0.0.1:9/v1" });
  await expect(embedder.embed(["The sea."], "query", never)).rejects.toThrow(EmbedderUnavailableError);
});

/** A vector that counts words by their hashes. */
function countWords(text: string): number[] {
  const vector: number[] = Array(64).fill(0.01);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    const at = [...word].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 64, 7);
    vector[at] = (vector[at] as number) + 1;
  }
  return vector;
}
