import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ViolationsSchema } from "@lyceum/gen/proto/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, RequestInfoSchema } from "@lyceum/gen/proto/google/rpc/error_details_pb.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DocumentState, FileService, IdentityService, IngestService } from "./contract.ts";
import { createLyceum } from "./create-lyceum.ts";
import { problemOf } from "./problem.ts";
import { createMemoryStore } from "./session-store.ts";
import { maxUploadBytes } from "./upload-file.ts";

/** A server that signs in anyone, and lets tests decide which tokens are good and how long they live. */
function makeServer() {
  const server = { refreshes: 0, uploads: [] as string[], lifetimeMs: 600_000, ended: false, good: new Set<string>() };
  const begin = () => {
    const accessToken = `access-${server.refreshes}`;
    server.good.add(accessToken);
    return {
      accessToken,
      accessTokenExpireTime: timestampFromMs(Date.now() + server.lifetimeMs),
      refreshToken: `refresh-${server.refreshes}`,
      sessionId: "session",
    };
  };
  const check = (header: string | null | undefined) => {
    if (!server.good.has((header ?? "").replace("Bearer ", ""))) throw new ConnectError("No.", Code.Unauthenticated);
  };
  const checked = ({ requestHeader }: HandlerContext) => check(requestHeader.get("authorization"));
  const user = { id: "ada", email: "ada@example.org" };
  const rpc = connectNodeAdapter({
    routes: (router) => {
      router.service(IdentityService, {
        signUp: () => ({ session: begin(), user }),
        signIn: () => {
          throw new ConnectError("Wrong.", Code.Unauthenticated, undefined, [
            { desc: ErrorInfoSchema, value: { reason: "INVALID_CREDENTIALS", domain: "lyceum" } },
          ]);
        },
        async refreshSession({ refreshToken }) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (server.ended || refreshToken !== `refresh-${server.refreshes}`) {
            throw new ConnectError("Ended.", Code.Unauthenticated);
          }
          server.refreshes += 1;
          return { session: begin() };
        },
        signOut(_, ctx) {
          checked(ctx);
          server.good.clear();
          return {};
        },
        getAccount(_, ctx) {
          checked(ctx);
          return { user };
        },
      });
      router.service(FileService, {
        getFile() {
          throw new ConnectError("file_id: too short", Code.InvalidArgument, undefined, [
            { desc: RequestInfoSchema, value: { requestId: "0123" } },
            {
              desc: ViolationsSchema,
              value: {
                violations: [
                  { field: { elements: [{ fieldName: "file_id" }] }, ruleId: "string.min_len", message: "too short" },
                ],
              },
            },
          ]);
        },
      });
      router.service(IngestService, {
        async *watchDocuments(_, ctx) {
          checked(ctx);
          yield { document: { fileId: "f", state: DocumentState.QUEUED } };
          yield { document: { fileId: "f", state: DocumentState.READY } };
        },
      });
    },
  });
  const plain = async (req: IncomingMessage, res: ServerResponse) => {
    try {
      check(req.headers.authorization);
    } catch {
      return void res.writeHead(401).end('{"code":"unauthenticated","detail":"No."}');
    }
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    if (req.url?.startsWith("/v1/profiles/")) return void answerAvatar(req, res, Buffer.concat(chunks));
    if (req.method === "GET") return void res.end(`content ${req.headers.range}`);
    const url = new URL(req.url ?? "", "http://x");
    if (url.searchParams.get("name") === "big") {
      const problem = { code: "resource_exhausted", reason: "QUOTA", detail: "Full.", traceId: "abc", violations: [] };
      return void res.writeHead(429).end(JSON.stringify(problem));
    }
    server.uploads.push(Buffer.concat(chunks).toString());
    const { name, folderId } = Object.fromEntries(url.searchParams);
    res.writeHead(201).end(JSON.stringify({ file: { id: "f", name, folderId, sizeBytes: "5" } }));
  };
  const answerAvatar = (req: IncomingMessage, res: ServerResponse, body: Buffer) => {
    if (req.method === "GET") return void res.end(`picture ${req.url}`);
    if (body.toString() === "damaged") return void res.writeHead(400).end('{"reason":"AVATAR_DAMAGED"}');
    const avatarUrl = req.method === "PUT" ? `/v1/profiles/ada/avatar?v=${body}` : "";
    res.end(JSON.stringify({ profile: { userId: "ada", avatarUrl, version: "7" } }));
  };
  const http = createServer((req, res) => void (req.url?.startsWith("/v1/") ? plain(req, res) : rpc(req, res)));
  return { server, http };
}

let { server, http } = makeServer();
let baseUrl: string;

beforeEach(async () => {
  ({ server, http } = makeServer());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(() => {
  http.closeAllConnections();
  http.close();
});

const person = { email: "ada@example.org", password: "correct horse" };

describe("the session", () => {
  test("signing up signs in, and calls carry the token", async () => {
    const lyceum = createLyceum({ baseUrl });
    const changes: unknown[] = [];
    lyceum.session.subscribe(() => changes.push(lyceum.session.current()?.email));
    await lyceum.session.signUp(person);
    expect(lyceum.session.current()).toEqual({ userId: "ada", email: "ada@example.org", sessionId: "session" });
    expect((await lyceum.identity.getAccount({})).user?.id).toBe("ada");
    expect(changes).toEqual(["ada@example.org"]);
  });

  test("a refused sign-in signs nobody in and says why", async () => {
    const lyceum = createLyceum({ baseUrl });
    const error = await lyceum.session.signIn(person).catch((thrown) => thrown);
    expect(problemOf(error)).toMatchObject({
      code: "unauthenticated",
      reason: "INVALID_CREDENTIALS",
      message: "Wrong.",
    });
    expect(lyceum.session.current()).toBeUndefined();
  });

  test("a token near its end is renewed before the call", async () => {
    server.lifetimeMs = 5_000;
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    server.lifetimeMs = 600_000;
    await lyceum.identity.getAccount({});
    await lyceum.identity.getAccount({});
    expect(server.refreshes).toBe(1);
  });

  test("a refused token is renewed once and the call repeated", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    server.good.clear();
    expect((await lyceum.identity.getAccount({})).user?.id).toBe("ada");
    expect(server.refreshes).toBe(1);
  });

  test("a refused stream is opened once more before its first message", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    server.good.clear();
    const states = [];
    for await (const { document } of lyceum.ingest.watchDocuments({})) states.push(document?.state);
    expect(states).toEqual([DocumentState.QUEUED, DocumentState.READY]);
    expect(server.refreshes).toBe(1);
  });

  test("concurrent renewals collapse into one, also between clients that share a store", async () => {
    const storage = createMemoryStore();
    const tabs = [createLyceum({ baseUrl, storage }), createLyceum({ baseUrl, storage })];
    await tabs[0]?.session.signUp(person);
    server.good.clear();
    await Promise.all(tabs.flatMap((tab) => [tab.identity.getAccount({}), tab.identity.getAccount({})]));
    expect(server.refreshes).toBe(1);
    expect(tabs[1]?.session.current()?.userId).toBe("ada");
  });

  test("a session that has ended elsewhere ends here", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    server.good.clear();
    server.ended = true;
    await expect(lyceum.identity.getAccount({})).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(lyceum.session.current()).toBeUndefined();
  });

  test("a renewal that meets no server keeps the person signed in", async () => {
    server.lifetimeMs = 5_000;
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    const error = await lyceum.identity.getAccount({}).catch((thrown) => thrown);
    expect(problemOf(error)).toMatchObject({ code: "unavailable", reason: "UNREACHABLE" });
    expect(lyceum.session.current()?.userId).toBe("ada");
  });

  test("signing out ends it at the server too", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    await lyceum.session.signOut();
    expect(lyceum.session.current()).toBeUndefined();
    expect(server.good.size).toBe(0);
  });

  test("signing out is over here before the server answers, and ends a session whose token is old too", async () => {
    server.lifetimeMs = 5_000;
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    const signedOut = lyceum.session.signOut();
    expect(lyceum.session.current()).toBeUndefined();
    await signedOut;
    expect(server.refreshes).toBe(1);
    expect(server.good.size).toBe(0);
    expect(lyceum.session.current()).toBeUndefined();
  });
});

describe("bytes", () => {
  test("an upload tells its progress and answers the stored file", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    const shares: number[] = [];
    const stored = await lyceum.uploadFile(new Blob(["hello"]), {
      name: "a b&c.md",
      folderId: "lectures",
      onProgress: (share) => shares.push(share),
    });
    expect(stored).toMatchObject({ id: "f", name: "a b&c.md", sizeBytes: 5n, folderId: "lectures" });
    expect(server.uploads).toEqual(["hello"]);
    expect(shares).toEqual([1]);
  });

  test("an upload with a refused token is sent again with a renewed one", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    server.good.clear();
    await lyceum.uploadFile(new Blob(["hello"]));
    expect(server.uploads).toEqual(["hello"]);
  });

  test("a refused upload is thrown as the problem it is", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    const error = await lyceum.uploadFile(new Blob(["x"]), { name: "big" }).catch((thrown) => thrown);
    expect(problemOf(error)).toMatchObject({
      code: "resource_exhausted",
      reason: "QUOTA",
      message: "Full.",
      traceId: "abc",
    });
  });

  test("a file beyond the limit, which is the one the API states, is refused before any of it is sent", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    const large = Object.defineProperty(new Blob(["x"]), "size", { value: maxUploadBytes + 1 });
    const error = await lyceum.uploadFile(large, { name: "large" }).catch((thrown) => thrown);
    expect(problemOf(error)).toMatchObject({ code: "resource_exhausted", reason: "FILE_TOO_LARGE" });
    expect(server.uploads).toEqual([]);
    const api = JSON.parse(
      await readFile(fileURLToPath(import.meta.resolve("@lyceum/gen/openapi/openapi.json")), "utf8"),
    );
    expect(api.paths["/v1/files"].post.description).toContain(`At most ${maxUploadBytes} bytes`);
  });

  test("an upload by nobody is not sent", async () => {
    const lyceum = createLyceum({ baseUrl });
    await expect(lyceum.uploadFile(new Blob(["x"]))).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(server.uploads).toEqual([]);
  });

  test("an aborted upload throws the signal's reason", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    const reason = new Error("changed my mind");
    await expect(lyceum.uploadFile(new Blob(["x"]), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("a range of content is asked for by its first and last byte", async () => {
    const lyceum = createLyceum({ baseUrl });
    await lyceum.session.signUp(person);
    const res = await lyceum.fetchContent("f", { start: 0, end: 9 });
    expect(await res.text()).toBe("content bytes=0-9");
  });
});

test("an avatar is set, read with the token, and taken away; a refusal says why", async () => {
  const lyceum = createLyceum({ baseUrl });
  await lyceum.session.signUp(person);
  server.good.clear();
  const profile = await lyceum.setAvatar(new Blob(["1"]));
  expect(profile).toMatchObject({ avatarUrl: "/v1/profiles/ada/avatar?v=1", version: 7n });
  expect(await (await lyceum.fetchAvatar(profile.avatarUrl)).text()).toBe("picture /v1/profiles/ada/avatar?v=1");
  expect((await lyceum.setAvatar(undefined)).avatarUrl).toBe("");
  const error = await lyceum.setAvatar(new Blob(["damaged"])).catch((thrown) => thrown);
  expect(problemOf(error).reason).toBe("AVATAR_DAMAGED");
});

test("a problem names the fields at fault as messages name them, and the trace", async () => {
  const lyceum = createLyceum({ baseUrl });
  const error = await lyceum.files.getFile({ fileId: "" }).catch((thrown) => thrown);
  expect(problemOf(error)).toMatchObject({
    code: "invalid_argument",
    violations: [{ field: "fileId", rule: "string.min_len", message: "too short" }],
    traceId: "0123",
  });
});
