import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { GrantRole } from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeDownloadToken } from "../content-token.ts";
import type { Context } from "../context.ts";
import { endLinks } from "../end-links.ts";
import { openTestContext, startFiles, type TestFiles, type TestPerson } from "../test-files.ts";

let service: TestFiles;
let ctx: Context;
let owner: TestPerson;
let other: TestPerson;
let fileId: string;
beforeAll(async () => {
  service = await startFiles();
  ctx = await openTestContext(service, service.host.home);
  [owner, other] = [service.newPerson(), service.newPerson()];
});
afterAll(() => service?.[Symbol.asyncDispose]());
beforeEach(async () => {
  fileId = await owner.upload("notes.txt", "some words");
});

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => ConnectError.from(error).code,
  );
/** What whoever has the URL gets, without a token. */
async function open(url: string, headers: Record<string, string> = {}) {
  const path = url.replace(service.host.publicUrl, "");
  expect(path.startsWith("/v1/files/")).toBe(true);
  const res = await service.process.fetch(path, { headers });
  return { status: res.status, text: await res.text(), headers: res.headers };
}
const statusOf = async (url: string) => (await open(url)).status;
const eventsOf = (id: string) => service.process.events().filter(({ key }) => key === id);

describe("CreateDownloadUrl", () => {
  const urlFor = async (person: TestPerson, seconds?: bigint) =>
    person.files.createDownloadUrl({ fileId, ...(seconds !== undefined && { timeToLive: { seconds } }) });

  it("gives a URL that needs no token, with ranges and conditions, for 5 minutes", async () => {
    const { url, expireTime } = await urlFor(owner);
    const whole = await open(url);
    expect([whole.status, whole.text]).toEqual([200, "some words"]);
    expect(whole.headers.get("content-disposition")).toContain("notes.txt");
    expect(whole.headers.get("cache-control")).toContain("private");
    expect(await open(url, { range: "bytes=5-" })).toMatchObject({ status: 206, text: "words" });
    expect((await open(url, { "if-none-match": whole.headers.get("etag") ?? "" })).status).toBe(304);
    const livesS = Number(expireTime?.seconds) - Date.now() / 1000;
    expect(livesS).toBeGreaterThan(290);
    expect(livesS).toBeLessThan(302);
    expect(Number((await urlFor(owner, 60n)).expireTime?.seconds) - Date.now() / 1000).toBeLessThan(62);
  });

  it("holds only while its maker may read the file", async () => {
    const grantId = await owner.share(fileId, other);
    const { url } = await urlFor(other);
    expect(await statusOf(url)).toBe(200);
    await owner.files.revokeAccess({ fileId, grantId });
    expect(await statusOf(url)).toBe(404);
    await owner.share(fileId, other);
    expect(await statusOf(url)).toBe(200);
    await owner.files.deleteFile({ fileId });
    expect(await statusOf(url)).toBe(404);
  });

  it("ends in time, and for whoever changes a letter of it", async () => {
    const { url } = await urlFor(owner);
    const [path, token = ""] = url.split("?token=");
    const [expireS = "", userId = "", mac = ""] = token.split(".");
    const elsewhere = await owner.upload("other.txt");
    const past = { fileId, userId: owner.userId, expireTime: new Date(Date.now() - 1_000) };
    for (const wrong of [
      `${Number(expireS) + 1}.${userId}.${mac}`,
      `${expireS}.${other.userId}.${mac}`,
      `${expireS}.${userId}.${mac.slice(0, -1)}`,
      `${expireS}.${userId}.${"A".repeat(32)}`,
      `${expireS}.${userId}`,
      "",
      "nul\0",
      writeDownloadToken(ctx.signer, past),
    ]) {
      expect(await open(`${path}?token=${encodeURIComponent(wrong)}`)).toMatchObject({ status: 404 });
    }
    expect(await statusOf(`${path?.replace(fileId, elsewhere)}?token=${token}`)).toBe(404);
    expect(await statusOf(path ?? "")).toBe(401);
    expect((await service.process.fetch(`/v1/files/${fileId}/content`, { token: "forged" })).status).toBe(401);
  });

  it("is for those who may read the file, for a second to a day", async () => {
    expect(await codeOf(urlFor(other))).toBe(Code.NotFound);
    for (const seconds of [0n, -1n, 86_401n]) expect(await codeOf(urlFor(owner, seconds))).toBe(Code.InvalidArgument);
  });
});

describe("a link", () => {
  const soon = (ms: number) => timestampFromMs(Date.now() + ms);
  async function makeLink(expireMs?: number) {
    const expireTime = expireMs === undefined ? {} : { expireTime: soon(expireMs) };
    const { grant } = await owner.files.grantAccess({
      fileId,
      principal: "link:",
      role: GrantRole.READER,
      ...expireTime,
    });
    return { grantId: grant?.id ?? "", principal: grant?.principal ?? "", url: grant?.url ?? "" };
  }
  const idOf = ({ principal }: { principal: string }) => principal.replace("link:", "");
  const look = (linkId: string) => service.process.client(FileService).getLinkedFile({ linkId });

  it("lets whoever has it see and read the file, and no more", async () => {
    const link = await makeLink();
    expect(link.principal).toMatch(/^link:[\w-]{36}\.[\w-]{32}$/);
    const { file, url } = await look(idOf(link));
    expect(file).toMatchObject({ id: fileId, name: "notes.txt", ownerId: "", folderId: "" });
    expect(url).toBe(link.url);
    expect(await open(url, { range: "bytes=0-3" })).toMatchObject({ status: 206, text: "some" });
    expect(await codeOf(other.files.getFile({ fileId }))).toBe(Code.NotFound);
    expect((await other.files.listFiles({ shared: true })).files.map(({ id }) => id)).not.toContain(fileId);
  });

  it("is another each time, told to those who share, and kept out of the log", async () => {
    const links = [await makeLink(), await makeLink()];
    const { grants } = await owner.files.listGrants({ fileId });
    expect(grants.map(({ principal }) => principal).sort()).toEqual(links.map(({ principal }) => principal).sort());
    expect(grants.map(({ url }) => url).sort()).toEqual(links.map(({ url }) => url).sort());
    await service.process.eventually(() => expect(eventsOf(fileId)).toHaveLength(3));
    expect(eventsOf(fileId)[1]?.data).toMatchObject({ principal: `link:${links[0]?.grantId}`, role: "READER" });
    for (const link of links) expect(JSON.stringify(eventsOf(fileId))).not.toContain(idOf(link));
  });

  it("ends when it is taken back, and with the file", async () => {
    const [taken, kept] = [await makeLink(), await makeLink()];
    await owner.files.revokeAccess({ fileId, grantId: taken.grantId });
    expect([await statusOf(taken.url), await statusOf(kept.url)]).toEqual([404, 200]);
    expect(await codeOf(look(idOf(taken)))).toBe(Code.NotFound);
    await owner.files.deleteFile({ fileId });
    expect(await statusOf(kept.url)).toBe(404);
    expect(await codeOf(look(idOf(kept)))).toBe(Code.NotFound);
    await owner.files.restoreFile({ fileId });
    expect(await statusOf(kept.url)).toBe(200);
    await owner.files.purgeFile({ fileId });
    expect(await statusOf(kept.url)).toBe(404);
  });

  it("ends at its time, and is taken back some time after", async () => {
    const [ended, lasting] = [await makeLink(60_000), await makeLink(60_000)];
    expect(await statusOf(ended.url)).toBe(200);
    await service.host.database
      .sql`update grants set expire_time = now() - interval '1 second' where id = ${ended.grantId}`;
    expect([await statusOf(ended.url), await statusOf(lasting.url)]).toEqual([404, 200]);
    expect(await codeOf(look(idOf(ended)))).toBe(Code.NotFound);
    expect((await owner.files.listGrants({ fileId })).grants.map(({ id }) => id)).toEqual([lasting.grantId]);
    await Promise.all([endLinks(ctx, new Date()), endLinks(ctx, new Date())]);
    await service.process.eventually(() =>
      expect(eventsOf(fileId).at(-1)).toMatchObject({
        type: "lyceum.files.v1.AccessRevoked",
        data: { grantId: ended.grantId },
      }),
    );
    expect(await statusOf(lasting.url)).toBe(200);
  });

  it("is not to be guessed from what others see", async () => {
    const link = await makeLink();
    const elsewhere = await owner.upload("other.txt");
    for (const linkId of ["unknown", "nul\0", link.grantId, `${link.grantId}.${"A".repeat(32)}`, `${idOf(link)}A`]) {
      expect(await codeOf(look(linkId))).toBe(Code.NotFound);
      expect(await statusOf(`/v1/files/${fileId}/content?token=${encodeURIComponent(linkId)}`)).toBe(404);
    }
    expect(await statusOf(`/v1/files/${elsewhere}/content?token=${idOf(link)}`)).toBe(404);
  });

  it("is for those who may share, reads only, and ends in the future if ever", async () => {
    await owner.share(fileId, other);
    const make = (person: TestPerson, more: object = {}) =>
      codeOf(person.files.grantAccess({ fileId, principal: "link:", role: GrantRole.READER, ...more }));
    expect(await make(other)).toBe(Code.PermissionDenied);
    expect(await make(service.newPerson())).toBe(Code.NotFound);
    expect(await make(owner, { role: GrantRole.EDITOR })).toBe(Code.InvalidArgument);
    for (const expireTime of [soon(-1_000), timestampFromMs(0), { seconds: 253_402_300_799n, nanos: 0 }]) {
      expect(await make(owner, { expireTime })).toBe(Code.InvalidArgument);
    }
    expect(await make(owner, { principal: other.principal, expireTime: soon(60_000) })).toBe(Code.InvalidArgument);
  });
});
