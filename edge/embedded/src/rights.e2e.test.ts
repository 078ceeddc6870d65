import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  create,
  type DescMethod,
  type DescService,
  getOption,
  hasOption,
  type Message,
  toJsonString,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";
import { type Person, signInAgain, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserPerson, enterByCookie } from "./browser-person.testing.ts";
import { services } from "./services.ts";

const contracts = services.flatMap(({ rpcs }) => rpcs);
const isInternal = ({ name }: DescService) => name.endsWith("InternalService");
const publicServices = contracts.filter((service) => !isInternal(service));
const internalServices = contracts.filter(isInternal);

const methodsOf = (services: readonly DescService[]) =>
  services.flatMap((service) => service.methods.map((method) => [`${service.name}.${method.name}`, method] as const));

const home = mkdtempSync(join(tmpdir(), "lyceum-rights-"));
let program: Program;
let transport: Transport;
let owner: Person;
let other: Person;
let revoked: Person;
/** Signed in by a cookie. */
let browser: BrowserPerson;
/** Was in the owner's room, and is no longer. */
let removed: Person;
/** Everything of the owner's that a foreign answer must not hold. */
const owned: Record<string, string> = {};
const secret = "the password of the lighthouse is kittiwake";

beforeAll(async () => {
  program = await startProgram(home);
  transport = createConnectTransport({ baseUrl: program.url, httpVersion: "1.1" });
  [owner, other] = await Promise.all([signUp(program.url, "Owner"), signUp(program.url, "Other")]);
  revoked = await signInAgain(program.url, owner);
  await revoked.post("/v1/auth/sign-out", {});
  browser = await enterByCookie(program.url, owner);
  owned.file_id = await owner.upload("secret.md", `# Lighthouse\n\nRemember: ${secret}.\n`);
  await owner.settled(owned.file_id);
  const reader = await signUp(program.url, "Reader");
  const grant = { principal: `user:${reader.userId}`, role: "GRANT_ROLE_READER" };
  owned.grant_id = (await owner.post(`/v1/files/${owned.file_id}/grants`, grant)).grant.id;
  const link = await owner.post(`/v1/files/${owned.file_id}/grants`, { principal: "link:", role: "GRANT_ROLE_READER" });
  owned.link = link.grant.principal.slice("link:".length);
  owned.folder_id = (await owner.post("/v1/folders", { name: "Lighthouses" })).folder.id;
  owned.parent_id = (await owner.post("/v1/folders", { name: "Birds" })).folder.id;
  const events = await owner.ask("What is the password of the lighthouse?");
  owned.answer_id = events[0]?.data.retrieved.answerId;
  owned.conversation_id = events[0]?.data.retrieved.conversationId;
  removed = await signUp(program.url, "Removed");
  const room = { kind: "ROOM_KIND_GROUP", title: "Keepers", memberIds: [removed.userId] };
  owned.room_id = (await owner.post("/v1/rooms", room)).room.id;
  const said = { clientId: "1", text: `Remember: ${secret}.`, fileIds: [owned.file_id] };
  owned.message_id = (await owner.post(`/v1/rooms/${owned.room_id}/messages`, said)).message.id;
  expect((await removed.fetch(`/v1/files/${owned.file_id}`)).status).toBe(200);
  await owner.json(`/v1/rooms/${owned.room_id}/members/${removed.userId}`, { method: "DELETE" });
  const { sessions } = await owner.json("/v1/auth/sessions");
  owned.session_id = sessions[0].id;
}, 120_000);

afterAll(async () => {
  await program?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

/** A valid request that names the owner's things wherever it can name anything. */
function makeRequest(method: DescMethod): Message {
  const values: Record<string, unknown> = {
    ...owned,
    file_ids: [owned.file_id],
    user_ids: [owner.userId],
    user_id: owner.userId,
    query: "password of the lighthouse",
    question: "What is the password of the lighthouse?",
    text: "Let me in.",
    emoji: "👍",
    principal: `user:${other.userId}`,
    role: 1,
    rating: 1,
    email: owner.email,
    name: "Found",
    password: "a wrong password",
    refresh_token: "unknown",
    passage_ids: ["unknown"],
  };
  const fields = method.input.fields.filter(({ name }) => name in values);
  return create(method.input, Object.fromEntries(fields.map((field) => [field.localName, values[field.name]])));
}

/** Calls as `token` says and answers the code and everything that came back, as JSON. */
async function call(
  method: DescMethod,
  token: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Promise<{ code: Code | undefined; answer: string }> {
  const headers: Record<string, string> = { ...(token && { authorization: `Bearer ${token}` }), ...more };
  try {
    const request = makeRequest(method);
    if (method.methodKind === "unary") {
      const { message } = await transport.unary(
        method as DescMethod & { methodKind: "unary" },
        AbortSignal.timeout(10_000),
        undefined,
        headers,
        request,
      );
      return { code: undefined, answer: toJsonString(method.output, message) };
    }
    return { code: undefined, answer: await readStream(method, request, headers) };
  } catch (error) {
    const { code, rawMessage } = ConnectError.from(error);
    return { code, answer: rawMessage };
  }
}

// A stream that stays open, such as WatchDocuments, is read for half a second.
async function readStream(method: DescMethod, request: Message, headers: HeadersInit): Promise<string> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), 500);
  const messages: string[] = [];
  async function* input() {
    yield request;
  }
  try {
    const { message } = await transport.stream(
      method as DescMethod & { methodKind: "server_streaming" },
      enough.signal,
      undefined,
      headers,
      input(),
    );
    for await (const item of message) messages.push(toJsonString(method.output, item));
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return messages.join("\n");
}

describe("every RPC, generated from the access rules", () => {
  test.each(methodsOf([...publicServices, ...internalServices]))("%s has a rule", (_, method) => {
    expect(hasOption(method, rule)).toBe(true);
    const { public: open, user, roles, services } = getOption(method, rule);
    expect(open || user || roles.length > 0 || services.length > 0).toBe(true);
  });

  const closed = methodsOf(publicServices).filter(([, method]) => !getOption(method, rule).public);

  test.each(closed)("%s refuses the anonymous, the forged and the revoked", async (_, method) => {
    const [header, claims] = owner.token.split(".");
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
    const forged = `${header}.${claims}.${Buffer.alloc(64).toString("base64url")}`;
    for (const token of [undefined, "garbage", unsigned, forged, revoked.token]) {
      expect((await call(method, token)).code, `with ${token?.slice(0, 20)}`).toBe(Code.Unauthenticated);
    }
  });

  test.each(closed)("%s refuses a cookie that another site's page sends", async (_, method) => {
    const { cookie } = browser;
    for (const origin of ["https://evil.example.com", "null", undefined]) {
      const { code, answer } = await call(method, undefined, { cookie, ...(origin && { origin }) });
      expect([code, answer]).toEqual([Code.PermissionDenied, expect.stringContaining("Origin header")]);
    }
  });

  test.each(closed)("%s tells another person, or a removed member, nothing of the owner's", async (_, method) => {
    for (const person of [other, removed]) {
      // One of the RPCs ends the caller's session.
      const { token } = method.name === "SignOut" ? await signInAgain(program.url, person) : person;
      const { code, answer } = await call(method, token);
      const names = method.input.fields.map(({ name }) => name);
      if (names.some((name) => name in owned || name === "file_ids")) expect(code).toBe(Code.NotFound);
      expect(answer).not.toContain("kittiwake");
      expect(answer).not.toContain(owner.email);
      for (const id of Object.values(owned)) if (code === undefined) expect(answer).not.toContain(id);
    }
  });

  test.each(methodsOf(internalServices))("%s is out of reach from outside", async (_, method) => {
    for (const token of [undefined, owner.token]) {
      expect((await call(method, token)).code).toBe(Code.Unimplemented);
    }
  });

  test("the owner still has it all", async () => {
    expect((await owner.json(`/v1/files/${owned.file_id}`)).file.id).toBe(owned.file_id);
    expect((await owner.json(`/v1/files/${owned.file_id}/grants`)).grants).toHaveLength(3);
    const { messages } = await owner.json(`/v1/rooms/${owned.room_id}/messages`);
    expect(messages.map(({ id }: { id: string }) => id)).toContain(owned.message_id);
    expect((await owner.json(`/v1/answers/${owned.answer_id}`)).answer.text).toContain("kittiwake");
    expect((await owner.json("/v1/auth/sessions")).sessions.length).toBeGreaterThan(0);
  });
});
