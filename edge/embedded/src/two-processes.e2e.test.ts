import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Code, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { filesService } from "@lyceum/files";
import { gatewayService } from "@lyceum/gateway";
import { FileInternalService } from "@lyceum/gen/proto/lyceum/files/v1/file_internal_service_pb.ts";
import { FileService } from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
import { identityService } from "@lyceum/identity";
import { profileService } from "@lyceum/profile";
import { startServices, type TestProcess } from "@lyceum/testing";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

let stack: AsyncDisposableStack;
let behind: TestProcess;
let gateway: TestProcess;
let person: Person;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  behind = stack.use(await startServices([identityService, profileService, filesService]));
  const env = { IDENTITY_URL: behind.url, PROFILE_URL: behind.url, FILES_URL: behind.url };
  gateway = stack.use(await startServices([gatewayService], { env }));
  person = await signUp(gateway.url, "Ada");
}, 120_000);
afterAll(() => stack[Symbol.asyncDispose]());

test("REST is transcoded in the gateway and called behind it", async () => {
  expect((await person.json("/v1/account")).user.email).toBe(person.email);
  expect((await person.json("/v1/profiles/me")).profile.displayName).toBe("Ada");
  const missing = await person.fetch("/v1/files/none");
  expect([missing.status, await missing.json()]).toMatchObject([404, { code: "not_found", violations: [] }]);
  const bad = await person.fetch("/v1/files?pageSize=900");
  expect(await bad.json()).toMatchObject({ code: "invalid_argument", violations: [{ field: "pageSize" }] });
});

test("bytes pass through, with ranges and the headers of the service", async () => {
  const text = "The moon is full. ".repeat(50_000);
  const fileId = await person.upload("moon.txt", text);
  const whole = await person.fetch(`/v1/files/${fileId}/content`);
  expect(await whole.text()).toBe(text);
  expect(whole.headers.get("content-security-policy")).toContain("sandbox");
  const part = await person.fetch(`/v1/files/${fileId}/content`, { headers: { range: "bytes=4-7" } });
  expect([part.status, await part.text()]).toEqual([206, "moon"]);
});

test("resumable uploads pass through, offsets, refusals and the file's id included", async () => {
  const tus = { "tus-resumable": "1.0.0" };
  const begun = await person.fetch("/v1/uploads", { method: "POST", headers: { ...tus, "upload-length": "9" } });
  const upload = begun.headers.get("location") ?? "";
  const patch = (offset: number, body: string) => {
    const headers = { ...tus, "upload-offset": `${offset}`, "content-type": "application/offset+octet-stream" };
    return person.fetch(upload, { method: "PATCH", headers, body });
  };
  expect((await patch(0, "half ")).status).toBe(204);
  expect((await patch(0, "half ")).status).toBe(409);
  const asked = await person.fetch(upload, { method: "HEAD", headers: tus });
  expect(asked.headers.get("upload-offset")).toBe("5");
  const fileId = (await patch(5, "done")).headers.get("lyceum-file-id");
  expect(await (await person.fetch(`/v1/files/${fileId}/content`)).text()).toBe("half done");
  expect((await fetch(`${gateway.url}/v1/uploads`, { method: "OPTIONS" })).headers.get("tus-version")).toBe("1.0.0");
  await person.post(`/v1/files/${fileId}:purge`, {});
});

test("an API key is exchanged by the gateway, which identity knows by its service token", async () => {
  const { secret } = await person.post("/v1/api-keys", { name: "robot", scopes: ["files:read", "profile:read"] });
  const call = (path: string, init: RequestInit = {}) =>
    fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${secret}` } });
  expect((await call("/v1/files")).status).toBe(200);
  expect((await call("/v1/profiles/me")).status).toBe(200);
  expect((await call("/v1/uploads", { method: "POST" })).status).toBe(403);
  expect((await call("/v1/rooms")).status).toBe(404);
});

test("a person is found by others, with an avatar that only those who are signed in see", async () => {
  const picture = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  await person.json("/v1/profiles/me/avatar", { method: "PUT", body: picture });
  const other = await signUp(gateway.url, "Grace");
  const { profiles } = await other.json("/v1/profiles?query=ad");
  expect(profiles).toMatchObject([{ userId: person.userId, displayName: "Ada", locale: "" }]);
  const avatar = await other.fetch(profiles[0].avatarUrl);
  expect([avatar.status, avatar.headers.get("content-type")]).toEqual([200, "image/webp"]);
  expect((await gateway.fetch(profiles[0].avatarUrl)).status).toBe(401);
  const short = await other.fetch("/v1/profiles?query=a");
  expect(await short.json()).toMatchObject({ code: "invalid_argument", violations: [{ field: "query" }] });
});

const transports: Record<string, (url: string) => Transport> = {
  "Connect over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
};

test.each(Object.entries(transports))("%s passes through, and no internal RPC does", async (_, createTransport) => {
  const transport = createTransport(gateway.url);
  const headers = { authorization: `Bearer ${person.token}` };
  const { files } = await createClient(FileService, transport).listFiles({}, { headers });
  expect(files.map(({ name }) => name)).toEqual(["moon.txt"]);
  const refused = createClient(FileService, transport).getFile({ fileId: "" }, { headers });
  await expect(refused).rejects.toMatchObject({ code: Code.InvalidArgument });
  const anonymous = createClient(FileService, transport).listFiles({});
  await expect(anonymous).rejects.toMatchObject({ code: Code.Unauthenticated });
  const internal = createClient(FileInternalService, transport).batchGetReadableFiles({ fileIds: ["x"] }, { headers });
  await expect(internal).rejects.toMatchObject({ code: Code.Unimplemented });
});

test.each(Object.entries(transports))("%s carries files in chunks, both ways", async (name, createTransport) => {
  const files = createClient(FileService, createTransport(gateway.url));
  const headers = { authorization: `Bearer ${person.token}` };
  const chunks = Array.from({ length: 6 }, (_, index) => Buffer.alloc(700_000, `part ${index} `));
  async function* send() {
    yield { part: { case: "metadata" as const, value: { name: `${name}.txt`.replace("/", " ") } } };
    for (const value of chunks) yield { part: { case: "chunk" as const, value } };
  }
  const { file } = await files.uploadFile(send(), { headers });
  expect(file?.sizeBytes).toBe(4_200_000n);
  const received: Uint8Array[] = [];
  for await (const { chunk } of files.downloadFile({ fileId: file?.id ?? "" }, { headers })) received.push(chunk);
  expect(Buffer.concat(received).equals(Buffer.concat(chunks))).toBe(true);
  const abandoned = files.downloadFile({ fileId: file?.id ?? "" }, { headers })[Symbol.asyncIterator]();
  expect((await abandoned.next()).done).toBe(false);
  await abandoned.return?.();
});

test("buf curl knows the public services from the gateway alone, and calls one behind it", async () => {
  const buf = join(import.meta.dirname, "../../../node_modules/.bin/buf");
  const curl = async (...args: string[]) =>
    (await promisify(execFile)(buf, ["curl", "--http2-prior-knowledge", "--protocol", "grpc", ...args])).stdout;
  const services = (await curl("--list-services", gateway.url)).trim().split("\n");
  expect(services).toContain("lyceum.files.v1.FileService");
  expect(services.filter((name) => name.endsWith("InternalService"))).toEqual([]);
  const method = `${gateway.url}/lyceum.identity.v1.IdentityService/GetAccount`;
  const answer = JSON.parse(await curl("-H", `authorization: Bearer ${person.token}`, method));
  expect(answer.user.email).toBe(person.email);
  const health = JSON.parse(
    await curl("-d", '{"service":"lyceum.files.v1.FileService"}', `${gateway.url}/grpc.health.v1.Health/Check`),
  );
  expect(health).toEqual({ status: "SERVING" });
});

test("describes the services it points at, and no others", async () => {
  const { paths } = (await (await gateway.fetch("/openapi.json")).json()) as { paths: object };
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/v1/files/{file_id}/content", "/v1/auth/sign-up"]));
  expect(Object.keys(paths)).not.toContain("/v1/ask");
});
