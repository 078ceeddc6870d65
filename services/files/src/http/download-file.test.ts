import { randomBytes } from "node:crypto";
import { readdirSync, readlinkSync, truncateSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let owner: TestPerson;
const bytes = randomBytes(2_500_000);
let path: string;
beforeAll(async () => {
  service = await startFiles();
  owner = service.newPerson();
  path = `/v1/files/${await owner.upload("größe.bin", bytes)}/content`;
});
afterAll(() => service?.[Symbol.asyncDispose]());

const get = (headers: Record<string, string> = {}, method = "GET") => owner.fetch(path, { method, headers });
const bodyOf = async (res: Response) => Buffer.from(await res.arrayBuffer());

describe("GET /v1/files/{file_id}/content", () => {
  it("gives the whole with its headers, and HEAD the headers", async () => {
    const [whole, head] = [await get(), await get({}, "HEAD")];
    expect(whole.status).toBe(200);
    expect((await bodyOf(whole)).equals(bytes)).toBe(true);
    for (const { headers } of [whole, head]) {
      expect(Object.fromEntries(headers)).toMatchObject({
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-disposition": `attachment; filename="gr__e.bin"; filename*=UTF-8''gr%C3%B6%C3%9Fe.bin`,
        "content-length": "2500000",
        "content-security-policy": "sandbox; default-src 'none'",
        "content-type": "application/octet-stream",
        "cross-origin-resource-policy": "same-origin",
        etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
        "last-modified": expect.stringMatching(/ GMT$/),
        "x-content-type-options": "nosniff",
      });
    }
    expect(head.status).toBe(200);
    expect(await bodyOf(head)).toHaveLength(0);
  });

  it("gives 1,000 random ranges byte for byte", async () => {
    const token = await service.process.tokenFor({ userId: owner.userId });
    const size = bytes.length;
    const check = async (round: number) => {
      const start = Math.floor(Math.random() * size);
      // Most are small; each fiftieth may be anything.
      const end = Math.min(size - 1, start + Math.floor(Math.random() * (round % 50 === 0 ? size : 5_000)));
      const suffix = round % 10 === 0;
      const range = suffix ? `bytes=-${size - start}` : `bytes=${start}-${end}`;
      const res = await service.process.fetch(path, { token, headers: { range } });
      const last = suffix ? size - 1 : end;
      expect(res.status).toBe(206);
      expect(res.headers.get("content-range")).toBe(`bytes ${start}-${last}/${size}`);
      expect((await bodyOf(res)).equals(bytes.subarray(start, last + 1)), range).toBe(true);
    };
    for (let round = 0; round < 1_000; round += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, at) => check(round + at)));
    }
  });

  it.each([
    ["bytes=2499999-", 206, 1],
    ["bytes=0-99999999999999999999", 206, bytes.length],
    ["bytes=-99999999999999999999", 206, bytes.length],
    ["bytes=5-2", 200, bytes.length],
    ["bytes=--5", 200, bytes.length],
    ["bytes=0-10,5-20", 200, bytes.length],
    ["lines=1-2", 200, bytes.length],
  ])("answers Range %s with %i", async (range, status, length) => {
    const res = await get({ range });
    expect(res.status).toBe(status);
    expect(await bodyOf(res)).toHaveLength(length);
  });

  it.each(["bytes=2500000-", "bytes=99999999999999999999-", "bytes=-0"])(
    "answers Range %s with a problem",
    async (range) => {
      const res = await get({ range });
      expect(res.headers.get("content-range")).toBe("bytes */2500000");
      const problem = { status: 416, code: "out_of_range", reason: "RANGE_OUTSIDE_CONTENT" };
      expect(await res.json()).toMatchObject(problem);
    },
  );

  it("ignores a range on HEAD", async () => {
    const res = await get({ range: "bytes=0-0" }, "HEAD");
    expect([res.status, res.headers.get("content-length")]).toEqual([200, "2500000"]);
  });

  it("answers conditions", async () => {
    const { headers } = await get({}, "HEAD");
    const [etag, lastModified] = [headers.get("etag") ?? "", headers.get("last-modified") ?? ""];
    const statusOf = async (conditions: Record<string, string>) => (await get(conditions)).status;
    const unchanged = await get({ "if-none-match": `W/${etag}` });
    expect([unchanged.status, await unchanged.text(), unchanged.headers.get("etag")]).toEqual([304, "", etag]);
    expect(await statusOf({ "if-none-match": '"other"' })).toBe(200);
    expect(await statusOf({ "if-modified-since": lastModified })).toBe(304);
    const failed = await get({ "if-match": '"other"' });
    expect(failed.headers.get("content-type")).toBe("application/problem+json");
    expect(await failed.json()).toMatchObject({ status: 412, reason: "PRECONDITION_FAILED" });
    const bare = await get({ "if-match": '"other"' }, "HEAD");
    expect([bare.status, await bare.text()]).toEqual([412, ""]);
    expect(await statusOf({ range: "bytes=0-9", "if-range": etag })).toBe(206);
    expect(await statusOf({ range: "bytes=0-9", "if-range": '"other"' })).toBe(200);
    expect(await statusOf({ range: "bytes=9999999-", "if-none-match": etag })).toBe(304);
  });

  it("gives an empty file", async () => {
    const empty = `/v1/files/${await owner.upload("empty", "")}/content`;
    const res = await owner.fetch(empty);
    expect([res.status, res.headers.get("content-length"), await res.text()]).toEqual([200, "0", ""]);
    expect((await owner.fetch(empty, { headers: { range: "bytes=0-" } })).status).toBe(416);
  });

  it.each([
    ["page.html", "<!doctype html><script>alert(1)</script>"],
    ["picture.svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ["feed.xml", '<?xml version="1.0"?><x/>'],
    ["fake.pdf", "<html><script>alert(1)</script>"],
  ])("gives %s as bytes that no browser runs", async (name, body) => {
    const { headers } = await owner.fetch(`/v1/files/${await owner.upload(name, body)}/content`);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-security-policy")).toContain("sandbox");
    expect(headers.get("content-disposition")).toMatch(/^attachment;/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is for those who may read the file right now", async () => {
    const [reader, stranger] = [service.newPerson(), service.newPerson()];
    const fileId = await owner.upload("shared", "words");
    const statusOf = async (person: TestPerson) => (await person.fetch(`/v1/files/${fileId}/content`)).status;
    expect(await statusOf(stranger)).toBe(404);
    const grantId = await owner.share(fileId, reader);
    expect(await statusOf(reader)).toBe(200);
    await owner.files.revokeAccess({ fileId, grantId });
    expect(await statusOf(reader)).toBe(404);
    await owner.share(fileId, reader, GrantRole.EDITOR);
    await owner.files.deleteFile({ fileId });
    expect(await statusOf(reader)).toBe(404);
    expect(await statusOf(owner)).toBe(200);
    expect((await service.process.fetch(`/v1/files/${fileId}/content`)).status).toBe(401);
    for (const strange of ["unknown", "%00", "..%2F..", "%zz"]) {
      expect((await owner.fetch(`/v1/files/${strange}/content`)).status).toBe(404);
    }
  });

  it("breaks off where bytes are missing, and lets no one wait for them", async () => {
    const fileId = await owner.upload("cut", bytes);
    const blobs = readdirSync(join(service.host.home, "blobs"), { recursive: true, encoding: "utf8" });
    const blob = blobs.find((name) => name.endsWith(fileId)) ?? "";
    truncateSync(join(service.host.home, "blobs", blob), 2_000_000);
    const cut = `/v1/files/${fileId}/content`;
    const whole = await owner.fetch(cut);
    await expect(whole.arrayBuffer()).rejects.toThrow("terminated");
    expect((await owner.fetch(cut, { headers: { range: "bytes=2400000-" } })).status).toBe(500);
    expect((await owner.fetch(cut, { headers: { range: "bytes=0-1999999" } })).status).toBe(206);
  });

  it("stops reading when the client leaves", async () => {
    const large = `/v1/files/${await owner.upload("large", new Uint8Array(32 * 1024 * 1024))}/content`;
    const token = await service.process.tokenFor({ userId: owner.userId });
    const { hostname, port } = new URL(service.process.url);
    const sockets = Array.from({ length: 5 }, () => {
      const socket = connect(Number(port), hostname).pause();
      socket.write(`GET ${large} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      return socket;
    });
    await service.process.eventually(() => expect(openBlobs()).toBe(5));
    for (const socket of sockets) socket.destroy();
    await service.process.eventually(() => expect(openBlobs()).toBe(0));
  });
});

/** How many blobs this process holds open. */
function openBlobs(): number {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => link.startsWith(join(service.host.home, "blobs"))).length;
}
