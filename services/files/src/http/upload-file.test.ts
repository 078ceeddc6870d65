import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxFileBytes } from "../file.ts";
import { startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let person: TestPerson;
beforeAll(async () => {
  service = await startFiles();
  person = service.newPerson();
});
afterAll(() => service?.[Symbol.asyncDispose]());

const names = async () => (await person.files.listFiles({})).files.map(({ name }) => name);

async function send(query: string, body: BodyInit, headers?: Record<string, string>) {
  const res = await person.fetch(`/v1/files${query}`, { method: "POST", body, ...(headers ? { headers } : {}) });
  // biome-ignore lint/suspicious/noExplicitAny: JSON as an outside client sees it
  return { status: res.status, headers: res.headers, json: (await res.json()) as any };
}

describe("POST /v1/files", () => {
  it("answers 201 with all of the file, defaults written out", async () => {
    const bytes = randomBytes(3_000_000);
    const { status, headers, json } = await send("?name=data.bin", bytes);
    expect(status).toBe(201);
    expect(json).toEqual({
      file: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: "data.bin",
        mediaType: "application/octet-stream",
        sizeBytes: "3000000",
        sha256: createHash("sha256").update(bytes).digest("hex"),
        ownerId: person.userId,
        folderId: "",
        createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        state: "FILE_STATE_READY",
      },
    });
    expect(headers.get("location")).toBe(`/v1/files/${json.file.id}`);
    expect(headers.get("content-type")).toBe("application/json");
    await service.process.eventually(() => {
      const event = service.process.events().find(({ key }) => key === json.file.id);
      expect(event?.type).toBe("lyceum.files.v1.FileUploaded");
      expect(event?.data).toEqual({
        fileId: json.file.id,
        ownerId: person.userId,
        mediaType: "application/octet-stream",
        sizeBytes: 3_000_000,
        sha256: json.file.sha256,
        version: 1,
      });
    });
  });

  it("takes a form", async () => {
    const form = new FormData();
    form.append("file", new Blob(["# Title"], { type: "text/html" }), "read me.md");
    const { status, json } = await send("", form);
    expect(status).toBe(201);
    expect(json.file).toMatchObject({ name: "read me.md", mediaType: "text/markdown", sizeBytes: "7" });
  });

  it("keeps an empty file", async () => {
    expect((await send("?name=empty.txt", "")).json.file).toMatchObject({ sizeBytes: "0", mediaType: "text/plain" });
  });

  it.each([
    ["", "name", 400, "x"],
    ["?name=%2F", "name", 400, "x"],
    ["?name=a&surprise=1", "surprise", 400, "x"],
    ["?name=a&folderId=f", undefined, 404, "x"],
  ])("refuses %s as a problem that names %s", async (query, field, status, body) => {
    const answer = await send(query, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    if (field) expect(answer.json.violations[0].field).toBe(field);
    expect(answer.json.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("refuses a form with two files and keeps neither", async () => {
    const form = new FormData();
    for (const name of ["one.bin", "two.bin"]) form.append("file", new Blob([randomBytes(100_000)]), name);
    expect(await send("", form)).toMatchObject({ status: 400, json: { reason: "MALFORMED_UPLOAD" } });
    expect(await names()).not.toContain("one.bin");
  });

  it("needs somebody signed in", async () => {
    const res = await service.process.fetch("/v1/files?name=a", { method: "POST", body: "x" });
    expect(res.status).toBe(401);
  });

  it("refuses what announces more than the limit before it is sent", async () => {
    const req = request(`${service.process.url}/v1/files?name=huge`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await service.process.tokenFor({ userId: person.userId })}`,
        "content-length": String(maxFileBytes + 1),
      },
    });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      req.on("response", (res) => resolve(res.resume().statusCode));
      req.on("error", reject);
    });
    req.write("x");
    expect(await answered).toBe(429);
    req.on("error", () => {});
    req.destroy();
  });

  it("leaves nothing of uploads that break off", async () => {
    const token = await service.process.tokenFor({ userId: person.userId });
    const { hostname, port } = new URL(service.process.url);
    for (const framing of ["Content-Length: 1000000", "Transfer-Encoding: chunked"]) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      socket.write(
        `POST /v1/files?name=broken.bin HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${framing}\r\n\r\n`,
      );
      socket.write(framing.startsWith("C") ? Buffer.alloc(300_000) : `10000\r\n${"x".repeat(65_536)}\r\n`);
      await service.process.eventually(async () => expect(await incoming()).toHaveLength(1));
      socket.destroy();
      await service.process.eventually(async () => expect(await incoming()).toEqual([]));
    }
    expect(await names()).not.toContain("broken.bin");
  });

  it("ends uploads that stall, says so, and leaves nothing", async () => {
    await using impatient = await startFiles({ uploadIdleMs: 300 });
    const { userId, files } = impatient.newPerson();
    const { hostname, port } = new URL(impatient.process.url);
    const token = await impatient.process.tokenFor({ userId });
    const part = '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes';
    for (const [type, beginning] of [
      ["text/plain", ""],
      ["text/plain", "some bytes"],
      ["multipart/form-data; boundary=B", "--B\r\n"],
      ["multipart/form-data; boundary=B", part],
    ]) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /v1/files?name=stalled HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
          `Content-Type: ${type}\r\nContent-Length: 9999\r\n\r\n${beginning}`,
      );
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 504 [\s\S]*"reason":"UPLOAD_STALLED"/);
      socket.destroy();
    }
    expect(await readdir(join(impatient.host.home, "blobs/incoming"))).toEqual([]);
    expect((await files.listFiles({})).files).toEqual([]);
  });

  it("keeps an upload that is slow but goes on", async () => {
    await using impatient = await startFiles({ uploadIdleMs: 500 });
    const person = impatient.newPerson();
    const body = new ReadableStream({
      async start(controller) {
        for (const letter of "slowly") {
          controller.enqueue(new TextEncoder().encode(letter));
          await delay(150);
        }
        controller.close();
      },
    });
    const res = await person.fetch("/v1/files?name=slow", { method: "POST", body, duplex: "half" } as RequestInit);
    expect(res.status).toBe(201);
  });

  it("leaves nothing of an HTTP/2 upload that is reset, which ends like a complete one", async () => {
    const session = connectHttp2(service.process.url);
    const authorization = `Bearer ${await service.process.tokenFor({ userId: person.userId })}`;
    for (const code of [constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR]) {
      const stream = session.request({ ":method": "POST", ":path": "/v1/files?name=reset.bin", authorization });
      stream.on("error", () => {});
      stream.write(Buffer.alloc(40_000));
      await service.process.eventually(async () => expect(await incoming()).toHaveLength(1));
      stream.close(code);
      await service.process.eventually(async () => expect(await incoming()).toEqual([]));
    }
    await delay(100);
    expect(await names()).not.toContain("reset.bin");
    session.destroy();
  });

  it("refuses what goes beyond its owner's quota, announced or not, and takes it once there is room", async () => {
    await using small = await startFiles({}, { FILES_QUOTA_BYTES: "10" });
    const person = small.newPerson();
    const first = await person.upload("first.txt", "123456");
    const stream = () => new Blob(["12345"]).stream();
    for (const body of ["12345", stream()]) {
      const res = await person.fetch("/v1/files?name=second.txt", {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit);
      expect([res.status, await res.json()]).toMatchObject([
        429,
        { reason: "QUOTA_EXCEEDED", metadata: { limitBytes: "10" } },
      ]);
    }
    await person.upload("fits.txt", "1234");
    await person.files.purgeFile({ fileId: first });
    await person.upload("second.txt", "12345");
  });

  it("shows a file to nobody before its last byte", async () => {
    const req = request(`${service.process.url}/v1/files?name=slow.bin`, {
      method: "POST",
      headers: { authorization: `Bearer ${await service.process.tokenFor({ userId: person.userId })}` },
    });
    const answered = new Promise<number | undefined>((resolve) => {
      req.on("response", (res) => resolve(res.resume().statusCode));
    });
    req.write(randomBytes(200_000));
    await service.process.eventually(async () => expect(await incoming()).toHaveLength(1));
    expect(await names()).not.toContain("slow.bin");
    req.end("the end");
    expect(await answered).toBe(201);
    expect(await names()).toContain("slow.bin");
    expect(await incoming()).toEqual([]);
  });

  it("takes uploads at the same time and keeps them apart", async () => {
    const contents = Array.from({ length: 20 }, (_, at) => randomBytes(50_000 + at));
    const answers = await Promise.all(contents.map((bytes, at) => send(`?name=${at}.bin`, bytes)));
    expect(answers.map(({ json }) => json.file.sha256)).toEqual(
      contents.map((bytes) => createHash("sha256").update(bytes).digest("hex")),
    );
  });
});

/** The temporary files of the blob store. */
const incoming = () => readdir(join(service.host.home, "blobs/incoming"));
