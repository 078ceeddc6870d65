import { createHash, randomBytes } from "node:crypto";
import { createConnection } from "node:net";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProfile, type TestProfile } from "../test-profile.ts";
import { maxAvatarBytes } from "./change-avatar.ts";

let profile: TestProfile;
beforeAll(async () => {
  profile = await startProfile();
  for (const userId of ["ada", "grace", "mary"]) profile.accounts.set(userId, userId);
});
afterAll(() => profile[Symbol.asyncDispose]());

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 90 } } });

const put = async (userId: string, body: BodyInit, headers: Record<string, string> = {}) => {
  const res = await profile.process.fetch("/v1/profiles/me/avatar", {
    method: "PUT",
    body,
    headers,
    person: { userId },
  });
  return { status: res.status, json: await res.json() };
};
const get = (path: string, headers: Record<string, string> = {}) =>
  profile.process.fetch(path, { headers, person: { userId: "grace" } });

test.each(["png", "jpeg", "webp", "gif"] as const)("takes a %s and keeps it as a small WebP", async (format) => {
  const { status, json } = await put("ada", await picture(1200, 600).toFormat(format).toBuffer());
  expect(status).toBe(200);
  expect(json.profile.avatarUrl).toMatch(/^\/v1\/profiles\/ada\/avatar\?v=[0-9a-f]{16}$/);
  const res = await get(json.profile.avatarUrl);
  expect(res.headers.get("content-type")).toBe("image/webp");
  expect(res.headers.get("x-content-type-options")).toBe("nosniff");
  const kept = await sharp(await res.arrayBuffer()).metadata();
  expect([kept.format, kept.width, kept.height]).toEqual(["webp", 512, 256]);
});

test("turns a photograph upright and forgets what the camera wrote into it", async () => {
  const photograph = await picture(40, 20)
    .withExif({ IFD0: { Artist: "Somebody" }, IFD3: { GPSLatitudeRef: "N" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  expect((await sharp(photograph).metadata()).exif).toBeDefined();
  const { json } = await put("ada", photograph);
  const bytes = Buffer.from(await (await get(json.profile.avatarUrl)).arrayBuffer());
  const kept = await sharp(bytes).metadata();
  expect([kept.width, kept.height]).toEqual([20, 40]);
  expect(kept.exif).toBeUndefined();
  expect(bytes.includes("Somebody")).toBe(false);
});

test("a new picture has another path and raises the version; the same one changes nothing", async () => {
  const first = (await put("mary", await picture(8, 8).png().toBuffer())).json.profile;
  const again = (await put("mary", await picture(8, 8).png().toBuffer())).json.profile;
  const second = (await put("mary", await picture(9, 8).png().toBuffer())).json.profile;
  expect(again).toEqual(first);
  expect(second.avatarUrl).not.toBe(first.avatarUrl);
  expect(Number(second.version)).toBe(Number(first.version) + 1);
  await profile.process.eventually(() =>
    expect(profile.process.events().filter(({ key }) => key === "mary")).toHaveLength(3),
  );
});

test("is not sent again to whoever has it", async () => {
  const { avatarUrl } = (await put("ada", await picture(8, 8).png().toBuffer())).json.profile;
  const res = await get("/v1/profiles/ada/avatar");
  const etag = res.headers.get("etag") ?? "";
  expect(etag).toBe(
    `"${createHash("sha256")
      .update(Buffer.from(await res.arrayBuffer()))
      .digest("hex")}"`,
  );
  expect(res.headers.get("cache-control")).toBe("private, no-cache");
  expect((await get(avatarUrl)).headers.get("cache-control")).toContain("immutable");
  for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const unchanged = await get("/v1/profiles/ada/avatar", { "if-none-match": tags });
    expect([unchanged.status, unchanged.headers.get("etag")]).toEqual([304, etag]);
  }
  expect((await get("/v1/profiles/ada/avatar", { "if-none-match": '"other"' })).status).toBe(200);
});

test("can be taken away", async () => {
  await put("ada", await picture(8, 8).png().toBuffer());
  const res = await profile.process.fetch("/v1/profiles/me/avatar", { method: "DELETE", person: { userId: "ada" } });
  expect((await res.json()).profile.avatarUrl).toBe("");
  expect((await get("/v1/profiles/ada/avatar")).status).toBe(404);
});

test.each(["nobody", "grace", "me", "%00", "%zz"])("there is none of %s", async (userId) => {
  const res = await get(`/v1/profiles/${userId}/avatar`);
  expect([res.status, (await res.json()).reason]).toEqual([404, "AVATAR_NOT_FOUND"]);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("hello")],
  ["an SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
  ["a PDF", Buffer.from("%PDF-1.7\n")],
  ["a BMP", Buffer.from("BM\x36\x00\x00\x00")],
])("refuses %s by name", async (_, bytes) => {
  const { status, json } = await put("ada", bytes, { "content-type": "image/png" });
  expect([status, json.reason]).toEqual([400, "AVATAR_UNSUPPORTED"]);
});

test.each(["png", "jpeg", "webp", "gif"] as const)("refuses a damaged %s by name", async (format) => {
  const whole = await picture(300, 300).toFormat(format).toBuffer();
  for (const bytes of [whole.subarray(0, 20), whole.subarray(0, whole.length / 2)]) {
    const { status, json } = await put("ada", new Uint8Array(bytes));
    expect([status, json.reason]).toEqual([400, "AVATAR_DAMAGED"]);
  }
});

test("refuses few bytes that claim many pixels", async () => {
  const bomb = await picture(8, 8).png().toBuffer();
  // The header of a PNG: type from byte 12, width at 16, height at 20, its checksum at 29.
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  const { status, json } = await put("ada", new Uint8Array(bomb));
  expect([status, json.reason]).toEqual([400, "AVATAR_TOO_MANY_PIXELS"]);
});

test("refuses too many bytes, announced or not", async () => {
  const large = randomBytes(maxAvatarBytes + 1);
  const stream = () => new Blob([large]).stream();
  const chunked = { method: "PUT", body: stream(), duplex: "half", person: { userId: "ada" } } as RequestInit;
  for (const res of [await put("ada", large), await profile.process.fetch("/v1/profiles/me/avatar", chunked)]) {
    expect(res.status).toBe(429);
  }
});

test("a body that breaks off changes nothing", async () => {
  const bytes = await picture(64, 64).png().toBuffer();
  const before = (await put("ada", await picture(8, 8).png().toBuffer())).json.profile.version;
  const { hostname, port } = new URL(profile.process.url);
  const socket = createConnection(Number(port), hostname);
  const token = await profile.process.tokenFor({ userId: "ada" });
  socket.write(
    `PUT /v1/profiles/me/avatar HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: ${bytes.length + 1}\r\n\r\n`,
  );
  socket.end(bytes);
  await new Promise((resolve) => socket.resume().once("close", resolve));
  expect((await profile.as("ada").getProfile({ userId: "me" })).profile?.version).toBe(BigInt(before));
});

test("compressed bodies and people who are not signed in are refused", async () => {
  expect((await put("ada", "x", { "content-encoding": "gzip" })).json.reason).toBe("MALFORMED_AVATAR");
  for (const [method, path] of [
    ["PUT", "/v1/profiles/me/avatar"],
    ["DELETE", "/v1/profiles/me/avatar"],
    ["GET", "/v1/profiles/ada/avatar"],
  ] as const) {
    expect((await profile.process.fetch(path, { method })).status).toBe(401);
  }
});
