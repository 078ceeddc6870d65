import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Code } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileService } from "./contract.ts";
import { createLyceum } from "./create-lyceum.ts";
import { problemOf } from "./problem.ts";
import { createTestSession, isRest, listen, shut } from "./test-session.ts";
import { maxUploadBytes } from "./upload-file.ts";
import { createMemoryUploadStore } from "./upload-store.ts";

type Stored = { bytes: Buffer; length: number; metadata: string };

/** Speaks as much of tus 1.0 as the client needs, and cuts, refuses and forgets as a test says. */
function makeTusServer() {
  const session = createTestSession();
  const server = {
    session,
    uploads: new Map<string, Stored>(),
    /** Requests so far, such as `PATCH 5`. */
    asked: [] as string[],
    /** Cuts the connection of this many PATCHes after `pieceBytes` more bytes. */
    cuts: 0,
    pieceBytes: 10,
    /** Answers this many PATCHes with a part of a refusal. */
    brokenAnswers: 0,
    /** Statuses to answer next requests with, of a method each. */
    refusals: [] as { method: string; status: number; body?: unknown }[],
    /** Called when a PATCH has begun. */
    onPatch: () => {},
  };
  const rpc = connectNodeAdapter({
    routes: (router) => {
      session.route(router);
      router.service(FileService, { getFile: ({ fileId }) => ({ file: { id: fileId, name: "stored" } }) });
    },
  });
  const http = createServer((req, res) => void (isRest(req) ? tus(req, res) : rpc(req, res)));

  async function tus(req: IncomingMessage, res: ServerResponse): Promise<void> {
    server.asked.push(`${req.method} ${req.headers["upload-offset"] ?? ""}`.trim());
    const refusal = server.refusals.findIndex(({ method }) => method === req.method);
    if (refusal >= 0) {
      const [{ status, body } = { status: 500, body: undefined }] = server.refusals.splice(refusal, 1);
      return void res.writeHead(status).end(body && JSON.stringify(body));
    }
    if (!session.isGood(req.headers.authorization)) return void res.writeHead(401).end();
    if (req.method === "POST") {
      const id = `${server.uploads.size + 1}`;
      const length = Number(req.headers["upload-length"]);
      const metadata = String(req.headers["upload-metadata"]);
      server.uploads.set(id, { bytes: Buffer.alloc(0), length, metadata });
      const done = length === 0 ? { "Lyceum-File-Id": `file-${id}` } : {};
      return void res.writeHead(201, { location: `/v1/uploads/${id}`, ...done }).end();
    }
    const id = req.url?.split("/").at(-1) ?? "";
    if (req.method === "PATCH" && server.brokenAnswers-- > 0) {
      res.writeHead(503, { "content-length": 100 }).write("{");
      return void setTimeout(() => req.socket.destroy(), 20);
    }
    const upload = server.uploads.get(id);
    if (!upload) return void res.writeHead(404).end();
    if (req.method === "DELETE") {
      server.uploads.delete(id);
      return void res.writeHead(204).end();
    }
    if (req.method === "PATCH" && !(await receive(req, res, upload))) return;
    const offset = upload.bytes.length;
    const done = offset === upload.length ? { "Lyceum-File-Id": `file-${id}` } : {};
    const headers = { "upload-offset": offset, "upload-length": upload.length, ...done };
    res.writeHead(req.method === "HEAD" ? 200 : 204, headers).end();
  }

  async function receive(req: IncomingMessage, res: ServerResponse, upload: Stored): Promise<boolean> {
    server.onPatch();
    if (Number(req.headers["upload-offset"]) !== upload.bytes.length) {
      res.writeHead(409).end();
      return false;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const isCut = server.cuts-- > 0;
    upload.bytes = Buffer.concat([upload.bytes, isCut ? bytes.subarray(0, server.pieceBytes) : bytes]);
    if (isCut) req.socket.destroy();
    return !isCut;
  }
  return { server, http };
}

let server: ReturnType<typeof makeTusServer>["server"];
let http: Server;
let baseUrl: string;

beforeEach(async () => {
  ({ server, http } = makeTusServer());
  baseUrl = await listen(http);
});
afterEach(() => shut(http));

const text = "All that is gold does not glitter, not all those who wander are lost; the old that is strong";
const file = () => new Blob([text], { type: "text/plain" });
const open = (uploads = createMemoryUploadStore()) => createLyceum({ baseUrl, storage: server.session.store, uploads });
const stored = (id = "1") => server.uploads.get(id)?.bytes.toString();

test("stores a file with its name, type and folder, and tells how much has left", async () => {
  const shares: number[] = [];
  const upload = open().startUpload(file(), {
    name: "Gold é.txt",
    folderId: "folder",
    onProgress: (share) => shares.push(share),
  });
  expect((await upload.file).id).toBe("file-1");
  expect(stored()).toBe(text);
  const metadata = server.uploads
    .get("1")
    ?.metadata.split(",")
    .map((pair) => pair.split(" "));
  expect(metadata?.map(([name, value]) => [name, Buffer.from(value ?? "", "base64").toString()])).toEqual([
    ["filename", "Gold é.txt"],
    ["filetype", "text/plain"],
    ["folderId", "folder"],
  ]);
  expect(shares.at(-1)).toBe(1);
});

test("stores an empty file", async () => {
  expect((await open().startUpload(new Blob([])).file).id).toBe("file-1");
});

test("goes on where a cut connection left it, however often", async () => {
  server.cuts = 8;
  await open().startUpload(file()).file;
  expect(stored()).toBe(text);
  expect(server.asked.filter((asked) => asked.startsWith("PATCH"))).toHaveLength(9);
});

test("goes on after a reload, and sends nothing twice", async () => {
  const uploads = createMemoryUploadStore();
  server.cuts = 1;
  server.refusals = [{ method: "HEAD", status: 400 }];
  await expect(open(uploads).startUpload(file(), { name: "gold" }).file).rejects.toThrow();
  expect(stored()).toBe(text.slice(0, 10));
  await open(uploads).startUpload(file(), { name: "gold" }).file;
  expect(stored()).toBe(text);
  expect(server.uploads.size).toBe(1);
  await open(uploads).startUpload(file(), { name: "gold" }).file;
  expect(server.uploads.size).toBe(2);
});

test("another file, folder or person does not go on with it", async () => {
  const uploads = createMemoryUploadStore();
  const start = (name: string, folderId = "") => {
    server.refusals = [{ method: "PATCH", status: 400 }];
    return open(uploads)
      .startUpload(file(), { name, folderId })
      .file.catch(() => {});
  };
  await start("gold");
  await start("silver");
  await start("gold", "folder");
  expect(server.uploads.size).toBe(3);
});

test("begins anew where the server has forgotten it", async () => {
  const uploads = createMemoryUploadStore();
  server.refusals = [{ method: "PATCH", status: 400 }];
  await open(uploads)
    .startUpload(file())
    .file.catch(() => {});
  server.uploads.clear();
  await open(uploads).startUpload(file()).file;
  expect(stored()).toBe(text);
  expect(server.asked).toEqual(["POST", "PATCH 0", "HEAD", "POST", "PATCH 0"]);
});

test("does not begin anew because a server that starts refuses for a while", async () => {
  server.cuts = 1;
  server.refusals = [
    { method: "HEAD", status: 503 },
    { method: "HEAD", status: 502 },
  ];
  await open().startUpload(file()).file;
  expect(server.uploads.size).toBe(1);
  expect(stored()).toBe(text);
});

test("goes on after an answer that is cut in its middle", async () => {
  server.brokenAnswers = 1;
  await open().startUpload(file()).file;
  expect(stored()).toBe(text);
  expect(server.uploads.size).toBe(1);
});

test("stops while paused and goes on afterwards", async () => {
  const upload = open().startUpload(file());
  server.onPatch = () => {
    server.onPatch = () => {};
    upload.pause();
    setTimeout(upload.resume, 100);
  };
  expect((await upload.file).id).toBe("file-1");
  expect(stored()).toBe(text);
});

test("canceling frees what the server has", async () => {
  const uploads = createMemoryUploadStore();
  const upload = open(uploads).startUpload(file());
  const refused = expect(upload.file).rejects.toMatchObject({ code: Code.Canceled });
  await new Promise<void>((resolve) => {
    server.onPatch = resolve;
  });
  await upload.cancel();
  await refused;
  expect(server.uploads.size).toBe(0);
  await upload.cancel();
});

test("aborting throws the signal's reason and keeps what the server has", async () => {
  const abort = new AbortController();
  const upload = open().startUpload(file(), { signal: abort.signal });
  const reason = new Error("changed my mind");
  server.onPatch = () => abort.abort(reason);
  await expect(upload.file).rejects.toBe(reason);
  expect(server.uploads.size).toBe(1);
});

test("renews a token that is refused on the way", async () => {
  server.session.good = "access-1";
  await open().startUpload(file()).file;
  expect(stored()).toBe(text);
  expect(server.session.good).toBe("access-2");
});

test("ends with the session", async () => {
  server.session.good = "none-1";
  server.session.ended = true;
  await expect(open().startUpload(file()).file).rejects.toMatchObject({ code: Code.Unauthenticated });
  await expect(open().startUpload(file()).file).rejects.toMatchObject({ code: Code.Unauthenticated });
});

test("a refusal is thrown as the problem it is, at once", async () => {
  const problem = { code: "resource_exhausted", reason: "QUOTA", detail: "Full.", traceId: "abc", violations: [] };
  server.refusals = [{ method: "POST", status: 429, body: problem }];
  const error = await open()
    .startUpload(file())
    .file.catch((thrown) => thrown);
  expect(problemOf(error)).toMatchObject({ reason: "QUOTA", message: "Full.", traceId: "abc" });
});

test("a file beyond the limit is refused before anything is sent", async () => {
  const large = Object.defineProperty(file(), "size", { value: maxUploadBytes + 1 });
  const error = await open()
    .startUpload(large)
    .file.catch((thrown) => thrown);
  expect(problemOf(error).reason).toBe("FILE_TOO_LARGE");
  expect(server.asked).toEqual([]);
});
