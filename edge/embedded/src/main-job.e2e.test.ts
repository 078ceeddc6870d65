import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Person, signInAgain, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

const tides = `# Tides

Spring tides happen when the sun and the moon pull in line, at new and full moon.

# Neap

Neap tides follow seven days later.
`;

const home = mkdtempSync(join(tmpdir(), "lyceum-e2e-"));
let program: Program;
let person: Person;
let fileId: string;

beforeAll(async () => {
  program = await startProgram(home);
  person = await signUp(program.url);
}, 120_000);

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

test("a document that is dropped in becomes searchable", async () => {
  fileId = await person.upload("tides.md", tides);
  const document = await person.settled(fileId);
  expect(document).toMatchObject({ state: "DOCUMENT_STATE_READY", searchable: true, progress: 1 });
  const { passages } = await person.post("/v1/search", { query: "When do spring tides happen?", limit: 3 });
  expect(passages[0]).toMatchObject({ fileId, fileName: "tides.md" });
  expect(passages[0].text).toContain("new and full moon");
});

test("a question is answered in a stream whose citation quotes the document word for word", async () => {
  const events = await person.ask("When do spring tides happen?");
  expect(events[0]?.event).toBe("retrieved");
  expect(events.at(-1)?.event).toBe("done");
  expect(events.at(-1)?.data.done.finishReason).toBe("FINISH_REASON_STOP");
  expect(events.at(-1)?.data.done.traceId).toMatch(/^[0-9a-f]{32}$/);
  const { citation } = events.find(({ event }) => event === "citation")?.data ?? {};
  const { text } = await person.json(`/v1/documents/${fileId}/text`);
  expect(text.slice(citation.locator.charStart, citation.locator.charEnd)).toBe(citation.quote);
  expect(citation.quote).toContain("new and full moon");
});

test("what the files do not hold is said to be not in them", async () => {
  const events = await person.ask("Who won the chess championship in Reykjavik?");
  expect(events.at(-1)?.data.done.finishReason).toBe("FINISH_REASON_NOT_IN_FILES");
  expect(events.some(({ event }) => event === "citation")).toBe(false);
});

test("nobody else finds, reads or asks about the file", async () => {
  const other = await signUp(program.url, "Other");
  expect((await other.post("/v1/search", { query: "spring tides" })).passages).toEqual([]);
  for (const path of [
    `/v1/files/${fileId}`,
    `/v1/files/${fileId}/content`,
    `/v1/documents/${fileId}`,
    `/v1/documents/${fileId}/text`,
  ]) {
    expect((await other.fetch(path)).status).toBe(404);
  }
  const asked = await other.fetch("/v1/ask", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: "When?", fileIds: [fileId] }),
  });
  expect(asked.status).toBe(404);
});

test("a shared file is found by the other person until the share is revoked", async () => {
  const other = await signUp(program.url, "Reader");
  const { grant } = await person.post(`/v1/files/${fileId}/grants`, {
    principal: `user:${other.userId}`,
    role: "GRANT_ROLE_READER",
  });
  await expect
    .poll(async () => (await other.post("/v1/search", { query: "spring tides" })).passages.length, { timeout: 2_000 })
    .toBeGreaterThan(0);
  expect((await other.ask("When do spring tides happen?")).some(({ event }) => event === "citation")).toBe(true);
  await person.json(`/v1/files/${fileId}/grants/${grant.id}`, { method: "DELETE" });
  expect((await other.post("/v1/search", { query: "spring tides" })).passages).toEqual([]);
});

test.each([
  ["empty.txt", "", "EMPTY"],
  ["broken.pdf", "%PDF-1.7\nthis is no pdf", "CORRUPT"],
  [
    "picture.png",
    Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    ),
    "UNSUPPORTED",
  ],
])("%s is kept and fails in words; retry and delete work", async (name, bytes, reason) => {
  const id = await person.upload(name, bytes);
  const document = await person.settled(id);
  expect(document.state).toBe("DOCUMENT_STATE_FAILED");
  expect(document.failure.reason).toBe(reason);
  expect(document.failure.message).toMatch(/\w+ \w+/);
  await person.post(`/v1/documents/${id}:retry`, {});
  expect((await person.settled(id)).failure.reason).toBe(reason);
  expect((await person.fetch(`/v1/files/${id}`, { method: "DELETE" })).status).toBe(200);
  const { files } = await person.json("/v1/files");
  expect(files.map((file: { id: string }) => file.id)).not.toContain(id);
});

test("kill -9 loses nothing that was acknowledged, and the next start recovers", async () => {
  const late = await person.upload("late.md", "# Late\n\nThe lighthouse of Alexandria stood on Pharos.\n");
  const bytes = randomBytes(3_000_000);
  const upload = await beginUpload(bytes.length);
  await addBytes(upload, 0, bytes.subarray(0, 1_000_000));
  addBytes(upload, 1_000_000, bytes.subarray(1_000_000, 2_900_000)).catch(() => {});
  await setTimeout(20);
  await program.end("SIGKILL");
  program = await startProgram(home);
  person = await signInAgain(program.url, person);
  const asked = await person.fetch(upload, { method: "HEAD", headers: { "tus-resumable": "1.0.0" } });
  const offset = Number(asked.headers.get("upload-offset"));
  expect(offset).toBeGreaterThanOrEqual(1_000_000);
  const resumed = await addBytes(upload, offset, bytes.subarray(offset));
  const content = await person.fetch(`/v1/files/${resumed.headers.get("lyceum-file-id")}/content`);
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
  expect(await (await person.fetch(`/v1/files/${fileId}/content`)).text()).toBe(tides);
  expect((await person.settled(late)).state).toBe("DOCUMENT_STATE_READY");
  const { passages } = await person.post("/v1/search", { query: "lighthouse of Alexandria" });
  expect(passages[0]?.fileId).toBe(late);
}, 120_000);

async function beginUpload(sizeBytes: number): Promise<string> {
  const headers = { "tus-resumable": "1.0.0", "upload-length": `${sizeBytes}` };
  return (await person.fetch("/v1/uploads", { method: "POST", headers })).headers.get("location") ?? "";
}

function addBytes(upload: string, offset: number, body: BodyInit): Promise<Response> {
  const type = "application/offset+octet-stream";
  const headers = { "tus-resumable": "1.0.0", "upload-offset": `${offset}`, "content-type": type };
  return person.fetch(upload, { method: "PATCH", headers, body });
}

test("signing out ends the token everywhere within 2 s", async () => {
  const leaving = await signInAgain(program.url, person);
  await leaving.post("/v1/auth/sign-out", {});
  await expect.poll(async () => (await leaving.fetch("/v1/account")).status, { timeout: 2_000 }).toBe(401);
  expect((await person.fetch("/v1/account")).status).toBe(200);
});

test("a second start on the same home says so in one sentence and ends", async () => {
  await expect(startProgram(home)).rejects.toThrow(/another|already|in use/i);
  expect((await fetch(`${program.url}/readyz`)).status).toBe(200);
}, 60_000);

test("SIGTERM ends everything within 15 s, idle sockets and children included", async () => {
  const socket = connect(Number(new URL(program.url).port), "127.0.0.1");
  socket.on("error", () => {});
  const postmaster = Number(readFileSync(join(home, "postgres/data/postmaster.pid"), "utf8").split("\n")[0]);
  const { code, tookMs } = await program.end("SIGTERM");
  socket.destroy();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(15_000);
  expect(() => process.kill(postmaster, 0)).toThrow();
}, 30_000);
