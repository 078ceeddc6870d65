import { createHash, randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { type ClientRequest, type IncomingHttpHeaders, request } from "node:http";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { newId } from "@lyceum/service";
import { Upload } from "tus-js-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { beginUpload } from "../../resumable/begin-upload.ts";
import { endUploads } from "../../resumable/end-uploads.ts";
import { createMeters } from "../../resumable/meters.ts";
import { receiveBytes } from "../../resumable/receive-bytes.ts";
import { openTestContext, startFiles, type TestFiles, type TestPerson } from "../../test-files.ts";
import { findUpload } from "../../upload-store.ts";

const dayMs = 24 * 3_600_000;
let service: TestFiles;
let person: TestPerson;
let other: TestPerson;
let token: string;
beforeAll(async () => {
  service = await startFiles({ uploadIdleMs: 1_500 }, { FILES_QUOTA_BYTES: "20000000" });
  other = service.newPerson();
});
afterAll(() => service?.[Symbol.asyncDispose]());
beforeEach(async () => {
  person = service.newPerson();
  token = await service.process.tokenFor({ userId: person.userId });
});

type Headers = Record<string, string | undefined>;
type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** Opens a request of tus; a header that is undefined is left out. */
function open(method: string, path: string, headers: Headers = {}): { req: ClientRequest; answered: Promise<Answer> } {
  const all = { authorization: `Bearer ${token}`, "tus-resumable": "1.0.0", ...headers };
  const req = request(service.process.url + path, {
    method,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  });
  const answered = new Promise<Answer>((resolve, reject) => {
    req.on("error", reject);
    req.on("response", async (res) => {
      resolve({ status: res.statusCode ?? 0, headers: res.headers, body: await text(res).catch(() => "") });
    });
  });
  answered.catch(() => {});
  return { req, answered };
}
function send(method: string, path: string, headers: Headers = {}, body?: Uint8Array | string): Promise<Answer> {
  const { req, answered } = open(method, path, headers);
  req.end(body);
  return answered;
}
const meta = (pairs: Record<string, string>) =>
  Object.entries(pairs)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");
async function begin(sizeBytes: number, headers: Headers = {}): Promise<string> {
  const answer = await send("POST", "/v1/uploads", { "upload-length": `${sizeBytes}`, ...headers });
  expect(answer.status, answer.body).toBe(201);
  return answer.headers.location ?? "";
}
const patchHeaders = (offset: number, more: Headers = {}): Headers => ({
  "upload-offset": `${offset}`,
  "content-type": "application/offset+octet-stream",
  ...more,
});
const patch = (path: string, offset: number, body: Uint8Array | string, more: Headers = {}) =>
  send("PATCH", path, patchHeaders(offset, more), body);
const offsetOf = async (path: string) => Number((await send("HEAD", path)).headers["upload-offset"]);
const content = async (fileId: string | undefined) =>
  Buffer.from(await (await person.fetch(`/v1/files/${fileId}/content`)).arrayBuffer());
const names = async () => (await person.files.listFiles({})).files.map(({ name }) => name);
/** How much of an upload lies in the blob store, durably or not; it is written by 256 KiB. */
const writtenBytes = async (upload: string) =>
  (await stat(join(service.host.home, "blobs/growing", basename(upload)))).size;
const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("base64");

describe("a resumable upload", () => {
  it("says what it can do", async () => {
    const { status, headers } = await send("OPTIONS", "/v1/uploads", { authorization: undefined });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      "tus-version": "1.0.0",
      "tus-extension": "creation,creation-with-upload,termination,checksum,expiration",
      "tus-max-size": `${512 * 1024 * 1024}`,
      "tus-checksum-algorithm": "sha1,sha256,md5",
    });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("becomes a file with its last byte, and tells its id from then on", async () => {
    const bytes = randomBytes(300_000);
    const upload = await begin(bytes.length, {
      "upload-metadata": meta({ filename: "notes.bin", filetype: "text/html" }),
    });
    const first = await patch(upload, 0, bytes.subarray(0, 100_000));
    expect([first.status, first.headers["upload-offset"]]).toEqual([204, "100000"]);
    expect(first.headers).not.toHaveProperty("lyceum-file-id");
    expect(Date.parse(`${first.headers["upload-expires"]}`) - Date.now()).toBeGreaterThan(dayMs - 60_000);
    expect(await names()).toEqual([]);
    const last = await patch(upload, 100_000, bytes.subarray(100_000));
    const fileId = last.headers["lyceum-file-id"]?.toString();
    const asked = await send("HEAD", upload);
    expect([asked.status, asked.headers["lyceum-file-id"], asked.headers["upload-offset"]]).toEqual([
      200,
      fileId,
      "300000",
    ]);
    expect(asked.headers["upload-metadata"]).toBe(meta({ filename: "notes.bin", filetype: "text/html" }));
    expect(asked.headers["cache-control"]).toBe("no-store");
    expect((await content(fileId)).equals(bytes)).toBe(true);
    expect((await person.files.getFile({ fileId: fileId ?? "" })).file).toMatchObject({
      name: "notes.bin",
      mediaType: "application/octet-stream",
      sizeBytes: 300_000n,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect((await person.files.getUsage({})).usage).toMatchObject({ bytes: 300_000n, files: 1n });
    expect((await patch(upload, 300_000, "")).headers["lyceum-file-id"]).toBe(fileId);
  });

  it("may bring bytes as it begins, all or some, and none for an empty file", async () => {
    const type = { "content-type": "application/offset+octet-stream" };
    const whole = await send("POST", "/v1/uploads", { ...type, "upload-length": "5" }, "whole");
    expect([whole.status, whole.headers["upload-offset"]]).toEqual([201, "5"]);
    expect((await content(whole.headers["lyceum-file-id"]?.toString())).toString()).toBe("whole");
    const part = await send("POST", "/v1/uploads", { ...type, "upload-length": "5" }, "pa");
    expect(part.headers["upload-offset"]).toBe("2");
    const done = await patch(part.headers.location ?? "", 2, "rts");
    expect((await content(done.headers["lyceum-file-id"]?.toString())).toString()).toBe("parts");
    const empty = await send("POST", "/v1/uploads", { "upload-length": "0" });
    expect(await content(empty.headers["lyceum-file-id"]?.toString())).toHaveLength(0);
  });

  it("takes an empty Upload-Metadata, as tuspy sends it, and cleans names and finds folders as any upload", async () => {
    const unnamed = await send("POST", "/v1/uploads", { "upload-length": "0", "upload-metadata": "" });
    expect([unnamed.status, await names()]).toEqual([201, ["file"]]);
    const folderId = (await person.files.createFolder({ name: "f" })).folder?.id ?? "";
    await begin(0, { "upload-metadata": meta({ filename: "../a\u202e.txt", folderId }) });
    expect((await person.files.listFiles({ folderId })).files).toMatchObject([{ name: "a.txt", folderId }]);
  });

  it("is what tus-js-client sends, byte for byte, though it is cut 20 times", async () => {
    const bytes = randomBytes(2_100_000);
    let [cuts, uploadUrl, fileId]: [number, string | null, string | undefined] = [0, null, undefined];
    /** Sends as a page does that was loaded anew, until it is cut or done. */
    const sendSome = () =>
      new Promise<void>((resolve, reject) => {
        const upload = new Upload(bytes, {
          endpoint: `${service.process.url}/v1/uploads`,
          uploadUrl,
          metadata: { filename: "cut.bin" },
          headers: { authorization: `Bearer ${token}` },
          uploadSize: bytes.length,
          chunkSize: 100_000,
          retryDelays: [0, 50, 200, 500, 1_000],
          onError: reject,
          onProgress(sent) {
            uploadUrl = upload.url;
            if (cuts >= 20 || sent < cuts * 100_000) return;
            cuts += 1;
            upload.abort().then(resolve, reject);
          },
          onAfterResponse: (_req, res) => {
            fileId ??= res.getHeader("lyceum-file-id");
          },
          onSuccess: () => resolve(),
        });
        upload.start();
      });
    while (!fileId) await sendSome();
    expect(cuts).toBe(20);
    expect((await content(fileId)).equals(bytes)).toBe(true);
    expect(await names()).toEqual(["cut.bin"]);
  });

  it("keeps what had come when its connection breaks or goes silent", async () => {
    const bytes = randomBytes(2_000_000);
    const upload = await begin(bytes.length);
    let offset = 0;
    for (const cut of [1, 70_000, 500_000, 1_234_567]) {
      const { req } = open("PATCH", upload, patchHeaders(offset, { "content-length": `${bytes.length - offset}` }));
      req.write(bytes.subarray(offset, cut));
      const whole = offset + Math.floor((cut - offset) / 262_144) * 262_144;
      await service.process.eventually(async () => expect(await writtenBytes(upload)).toBe(whole));
      req.destroy();
      offset = await offsetOf(upload);
      expect(offset).toBeGreaterThanOrEqual(whole);
      expect(offset).toBeLessThanOrEqual(cut);
    }
    const { req, answered } = open(
      "PATCH",
      upload,
      patchHeaders(offset, { "content-length": `${bytes.length - offset}` }),
    );
    req.write(bytes.subarray(offset, 1_900_000));
    expect((await answered).status).toBe(504);
    expect(await offsetOf(upload)).toBe(1_900_000);
    const last = await patch(upload, 1_900_000, bytes.subarray(1_900_000));
    expect((await content(last.headers["lyceum-file-id"]?.toString())).equals(bytes)).toBe(true);
  });
});

describe("a resumable upload refuses", () => {
  it.each<[string, number, Headers]>([
    ["no version", 412, { "tus-resumable": undefined }],
    ["another version", 412, { "tus-resumable": "0.2.2" }],
    ["no length", 400, { "upload-length": undefined }],
    ["a length that is none", 400, { "upload-length": "-1" }],
    ["a length to be told later", 501, { "upload-length": undefined, "upload-defer-length": "1" }],
    ["parts to be joined", 501, { "upload-concat": "partial" }],
    ["more than 512 MiB", 413, { "upload-length": `${512 * 1024 * 1024 + 1}` }],
    ["more than its owner's quota", 429, { "upload-length": "20000001" }],
    ["metadata that is none", 400, { "upload-metadata": "filename !" }],
    ["an invisible name", 400, { "upload-metadata": meta({ filename: "\u200b" }) }],
    ["an unknown folder", 404, { "upload-metadata": meta({ folderId: "unknown\0" }) }],
    ["an unknown checksum", 400, { "upload-checksum": "crc32 AAAA" }],
    ["a caller without a token", 401, { authorization: undefined }],
  ])("to begin with %s", async (_, status, headers) => {
    const answer = await send("POST", "/v1/uploads", { "upload-length": "3", ...headers });
    expect(answer.status, answer.body).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answer.body)).toMatchObject({ status });
    if (status !== 401) expect(answer.headers["tus-resumable"]).toBe("1.0.0");
    if (status === 412) expect(answer.headers["tus-version"]).toBe("1.0.0");
  });

  it("bytes at a wrong offset, without one, or of another type", async () => {
    const upload = await begin(10);
    await patch(upload, 0, "abc");
    for (const [status, headers] of [
      [409, patchHeaders(0)],
      [409, patchHeaders(4)],
      [400, patchHeaders(3, { "upload-offset": "x" })],
      [403, patchHeaders(3, { "upload-offset": undefined })],
      [415, patchHeaders(3, { "content-type": "text/plain" })],
      [412, patchHeaders(3, { "tus-resumable": undefined })],
    ] as const) {
      expect((await send("PATCH", upload, headers, "defg")).status).toBe(status);
    }
    expect(await offsetOf(upload)).toBe(3);
  });

  it("more bytes than its length, announced or not, and keeps none of them", async () => {
    const upload = await begin(10);
    await patch(upload, 0, "abc");
    expect((await patch(upload, 3, "defghijk")).status).toBe(413);
    const { req, answered } = open("PATCH", upload, patchHeaders(3));
    for (const letter of "defghijk") {
      req.write(letter);
      await delay(2);
    }
    req.end();
    expect((await answered).status).toBe(413);
    expect(await offsetOf(upload)).toBe(3);
    const last = await patch(upload, 3, "defghij");
    expect((await content(last.headers["lyceum-file-id"]?.toString())).toString()).toBe("abcdefghij");
    expect((await patch(upload, 10, "k")).status).toBe(413);
    const late = open("PATCH", upload, patchHeaders(10));
    late.req.write("k");
    late.req.end();
    expect((await late.answered).status).toBe(413);
  });

  it("bytes that don't have their checksum, and keeps none of them", async () => {
    const [first, second] = [randomBytes(90_000), randomBytes(40_000)];
    const upload = await begin(130_000);
    await patch(upload, 0, first, { "upload-checksum": `sha1 ${digest("sha1", first)}` });
    for (const algorithm of ["sha1", "sha256", "md5"]) {
      const wrong = await patch(upload, 90_000, second, {
        "upload-checksum": `${algorithm} ${digest(algorithm, first)}`,
      });
      expect([wrong.status, JSON.parse(wrong.body).reason]).toEqual([460, "CHECKSUM_MISMATCH"]);
      expect(await offsetOf(upload)).toBe(90_000);
    }
    for (const header of ["sha256", "sha512 AAAA", "sha1 !", ""]) {
      expect((await patch(upload, 90_000, second, { "upload-checksum": header })).status).toBe(400);
    }
    const { req } = open(
      "PATCH",
      upload,
      patchHeaders(90_000, { "content-length": "40000", "upload-checksum": "md5 AAAA" }),
    );
    req.write(second.subarray(0, 20_000));
    await delay(50);
    req.destroy();
    expect(await offsetOf(upload)).toBe(90_000);
    const last = await patch(upload, 90_000, second, { "upload-checksum": `sha256 ${digest("sha256", second)}` });
    const { file } = await person.files.getFile({ fileId: last.headers["lyceum-file-id"]?.toString() ?? "" });
    expect(file?.sha256).toBe(createHash("sha256").update(first).update(second).digest("hex"));
  });

  it("a second writer while the first goes on, which loses nothing", async () => {
    const upload = await begin(6);
    const { req, answered } = open("PATCH", upload, patchHeaders(0));
    req.write("abc");
    await delay(50);
    const second = await patch(upload, 0, "xyz");
    expect([second.status, JSON.parse(second.body).reason]).toEqual([423, "UPLOAD_LOCKED"]);
    req.end("def");
    const fileId = (await answered).headers["lyceum-file-id"]?.toString();
    expect((await content(fileId)).toString()).toBe("abcdef");
  });

  it("whoever has not begun it", async () => {
    const upload = await begin(3);
    const authorization = `Bearer ${await service.process.tokenFor({ userId: other.userId })}`;
    const unknown = "/v1/uploads/nul%00";
    for (const [path, headers] of [
      [upload, { authorization }],
      [`/v1/uploads/${newId()}`, {}],
      [unknown, {}],
    ] as const) {
      expect((await send("HEAD", path, headers)).status).toBe(404);
      expect((await send("DELETE", path, headers)).status).toBe(404);
      expect((await patch(path, 0, "abc", headers)).status).toBe(404);
    }
    expect(await offsetOf(upload)).toBe(0);
  });
});

describe("the end of a resumable upload", () => {
  it("comes when it is given up, and frees its room; a finished one stays", async () => {
    const upload = await begin(15_000_000);
    expect((await send("POST", "/v1/uploads", { "upload-length": "15000000" })).status).toBe(429);
    expect((await person.fetch("/v1/files?name=a", { method: "POST", body: Buffer.alloc(6_000_000) })).status).toBe(
      429,
    );
    const { req } = open("PATCH", upload, patchHeaders(0));
    req.on("error", () => {});
    req.write("abc");
    await delay(50);
    expect((await send("DELETE", upload)).status).toBe(204);
    expect((await send("HEAD", upload)).status).toBe(404);
    const again = await begin(15_000_000);
    expect((await send("DELETE", again)).status).toBe(204);
    const done = await begin(0);
    expect((await send("DELETE", done)).status).toBe(400);
    expect(await names()).toEqual(["file"]);
  });

  it("comes a day after its last byte", async () => {
    const [left, done] = [await begin(5_000), await begin(0)];
    await patch(left, 0, "some");
    const ctx = await openTestContext(service, service.host.home);
    await endUploads(ctx, new Date(Date.now() + 23 * 3_600_000));
    expect(await offsetOf(left)).toBe(4);
    await endUploads(ctx, new Date(Date.now() + 25 * 3_600_000));
    for (const upload of [left, done]) expect((await send("HEAD", upload)).status).toBe(404);
    expect(await names()).toEqual(["file"]);
    await begin(19_999_999);
  });

  it("comes when what had come of it is lost", async () => {
    const upload = await begin(10);
    await patch(upload, 0, "lost");
    await rm(join(service.host.home, "blobs/growing", basename(upload)));
    expect((await patch(upload, 4, " ends")).status).toBe(404);
  });

  it.each(["when it is asked for", "by itself"])("is a file %s, if a crash came before", async (way) => {
    const ctx = await openTestContext(service, service.host.home);
    const row = await beginUpload(ctx, {
      id: newId(),
      ownerId: person.userId,
      name: "crash.txt",
      folderId: "",
      metadata: null,
      sizeBytes: 9,
    });
    const bytes = (async function* () {
      yield Buffer.from("all of it");
    })();
    await receiveBytes(ctx, createMeters(), row, { bytes, checksum: undefined });
    expect(await names()).toEqual([]);
    if (way === "by itself") await endUploads(ctx, new Date());
    const answers = await Promise.all([1, 2, 3].map(() => send("HEAD", `/v1/uploads/${row.id}`)));
    for (const { headers } of answers) expect(headers["lyceum-file-id"]).toBe(row.id);
    expect((await content(row.id)).toString()).toBe("all of it");
    expect(await findUpload(ctx.database.db, person.userId, row.id)).toMatchObject({ finished: true });
    expect((await person.files.getUsage({})).usage).toMatchObject({ bytes: 9n, files: 1n });
  });
});
