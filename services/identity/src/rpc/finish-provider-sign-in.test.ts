import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Code } from "@connectrpc/connect";
import { eq } from "drizzle-orm";
import Provider from "oidc-provider";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { users } from "../schema.ts";
import { failureOf, startIdentity, type TestIdentity } from "../test-identity.ts";

/** A foreign issuer: it lets in whoever's name is given, and says what it knows of them. */
const people: Record<string, { email?: string; email_verified?: boolean; name?: string }> = {};
const publicUrl = "http://localhost:8080";
let issuer: string;
let server: Server;
let identity: TestIdentity;

beforeAll(async () => {
  // The issuer says at length that it is none for production.
  for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => {});
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "lyceum", client_secret: "s3cret", redirect_uris: [`${publicUrl}/auth/callback`] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ["test"] },
  });
  server.on("request", (req, res) => {
    if (!req.url?.startsWith("/interaction/")) return provider.callback()(req, res);
    void consent(provider, req, res);
  });
  const settings = { id: "school", name: "School", issuer, clientId: "lyceum", clientSecret: "s3cret" };
  const away = { ...settings, id: "away", issuer: "http://127.0.0.1:9" };
  identity = await startIdentity({
    LYCEUM_PUBLIC_URL: publicUrl,
    IDENTITY_PROVIDERS: JSON.stringify([settings, away]),
  });
});
afterAll(async () => {
  await identity?.[Symbol.asyncDispose]();
  server?.closeAllConnections();
  server?.close();
});

/** Signs in whoever asks and grants what is asked, without a page. */
async function consent(
  provider: Provider,
  req: Parameters<Provider["interactionDetails"]>[0],
  res: Parameters<Provider["interactionDetails"]>[1],
) {
  const { params } = await provider.interactionDetails(req, res);
  const accountId = String(req.headers["x-person"]);
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  const grantId = await grant.save();
  await provider.interactionFinished(req, res, { login: { accountId }, consent: { grantId } });
}

/** Walks through the provider's redirects as somebody's browser; answers the query it comes back with. */
async function visit(authorizationUrl: string, person: string): Promise<string> {
  let url = new URL(authorizationUrl);
  const jar = new Map<string, string>();
  for (let hops = 0; hops < 10; hops += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const res = await fetch(url, { redirect: "manual", headers: { cookie, "x-person": person } });
    for (const set of res.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      jar.set(name, value);
    }
    url = new URL(res.headers.get("location") ?? "", url);
    if (url.href.startsWith(publicUrl)) return url.search.slice(1);
  }
  throw new Error("The provider does not send anybody back.");
}

const school = "school";
const begin = (returnTo = "") => identity.anonymous.beginProviderSignIn({ providerId: school, returnTo });

async function signInAs(person: string, returnTo = "") {
  const { authorizationUrl, flowToken } = await begin(returnTo);
  const callbackQuery = await visit(authorizationUrl, person);
  return identity.anonymous.finishProviderSignIn({ flowToken, callbackQuery });
}

const refused = { code: Code.Unauthenticated, reason: "PROVIDER_REFUSED" };

test("whom a foreign issuer knows signs up, and later signs in as the same person", async () => {
  people.ada = { email: "ada@school.example.org", email_verified: true, name: "Ada L." };
  expect((await identity.anonymous.listProviders({})).providers).toMatchObject([{ id: "school", name: "School" }, {}]);
  const first = await signInAs("ada", "/rooms/7");
  expect(first.returnTo).toBe("/rooms/7");
  expect(first.user).toMatchObject({ email: "ada@school.example.org", emailVerified: true });
  const again = await signInAs("ada");
  expect(again.user?.id).toBe(first.user?.id);
  const client = identity.holding(again.session);
  expect((await client.listLinkedProviders({})).linkedProviders).toMatchObject([{ providerId: school }]);
  expect(await failureOf(client.unlinkProvider({ providerId: school }))).toMatchObject({
    reason: "LAST_SIGN_IN_METHOD",
  });
  const wrong = identity.anonymous.signIn({ email: "ada@school.example.org", password: "anything at all" });
  expect(await failureOf(wrong)).toMatchObject({ reason: "INVALID_CREDENTIALS" });
});

test("an altered state, another browser's flow, a used code and another issuer's answer are refused", async () => {
  people.bob = { email: "bob@school.example.org", email_verified: true };
  const finish = (flowToken: string, callbackQuery: string) =>
    failureOf(identity.anonymous.finishProviderSignIn({ flowToken, callbackQuery }));
  const alter = (query: string, name: string, value: string) => {
    const params = new URLSearchParams(query);
    params.set(name, value);
    return params.toString();
  };
  const [one, two] = [await begin(), await begin()];
  const query = await visit(one.authorizationUrl, "bob");
  expect(await finish(two.flowToken, query)).toMatchObject(refused);
  expect(await finish(one.flowToken, alter(query, "state", "x".repeat(43)))).toMatchObject(refused);
  // The flow ended with its first answer, whatever that was.
  expect(await finish(one.flowToken, query)).toMatchObject(refused);
  for (const [name, value] of [
    ["iss", "https://evil.example.org"],
    ["code", "invented"],
  ] as const) {
    const flow = await begin();
    const altered = alter(await visit(flow.authorizationUrl, "bob"), name, value);
    expect(await finish(flow.flowToken, altered)).toMatchObject(refused);
  }
  const flow = await begin();
  const good = await visit(flow.authorizationUrl, "bob");
  expect(
    (await identity.anonymous.finishProviderSignIn({ flowToken: flow.flowToken, callbackQuery: good })).user,
  ).toBeDefined();
  expect(await finish(flow.flowToken, good)).toMatchObject(refused);
  // Whoever steals the code cannot redeem it: the verifier is another flow's.
  const stolen = await visit((await begin()).authorizationUrl, "bob");
  const thief = await begin();
  const state = new URL(thief.authorizationUrl).searchParams.get("state") ?? "";
  expect(await finish(thief.flowToken, alter(stolen, "state", state))).toMatchObject(refused);
});

test("an account is never taken over by its address: its owner links it, once both addresses are verified", async () => {
  const eve = await identity.someone("eve@school.example.org");
  people.eve = { email: "EVE@school.example.org", email_verified: true };
  expect(await failureOf(signInAs("eve"))).toMatchObject({ code: Code.AlreadyExists, reason: "ACCOUNT_NOT_LINKED" });
  const link = async () => {
    const { authorizationUrl, flowToken } = await eve.client.beginProviderLink({ providerId: school });
    const callbackQuery = await visit(authorizationUrl, "eve");
    // A link that was begun signs nobody in, nor does it link anybody else.
    return eve.client.linkProvider({ flowToken, callbackQuery });
  };
  expect(await failureOf(link())).toMatchObject({ reason: "EMAIL_NOT_VERIFIED" });
  await identity.host.database.db.update(users).set({ emailVerified: true }).where(eq(users.id, eve.userId));
  await link();
  expect((await signInAs("eve")).user?.id).toBe(eve.userId);
  expect(await failureOf(link())).toMatchObject({ code: Code.AlreadyExists, reason: "PROVIDER_LINKED" });
  await eve.client.unlinkProvider({ providerId: school });
  expect(await failureOf(signInAs("eve"))).toMatchObject({ reason: "ACCOUNT_NOT_LINKED" });

  const { authorizationUrl, flowToken } = await eve.client.beginProviderLink({ providerId: school });
  const callbackQuery = await visit(authorizationUrl, "eve");
  expect(await failureOf(identity.anonymous.finishProviderSignIn({ flowToken, callbackQuery }))).toMatchObject(refused);
});

test.each([{ email: "mel@school.example.org", email_verified: false }, { email: "mel@school.example.org" }, {}])(
  "no account is made of %o",
  async (claims) => {
    people.mel = claims;
    expect(await failureOf(signInAs("mel"))).toMatchObject({ reason: "PROVIDER_EMAIL_UNVERIFIED" });
  },
);

test("goes on only at a path of our own, and only by a provider that is there", async () => {
  const elsewhere = identity.anonymous.beginProviderSignIn({ providerId: school, returnTo: "//evil.example.org" });
  expect(await failureOf(elsewhere)).toMatchObject({ code: Code.InvalidArgument });
  const unknown = identity.anonymous.beginProviderSignIn({ providerId: "nowhere" });
  expect(await failureOf(unknown)).toMatchObject({ code: Code.NotFound, reason: "PROVIDER_NOT_FOUND" });
  const away = identity.anonymous.beginProviderSignIn({ providerId: "away" });
  expect(await failureOf(away)).toMatchObject({ code: Code.Unavailable, reason: "PROVIDER_UNREACHABLE" });
});
