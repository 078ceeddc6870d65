import { gatewayService } from "@lyceum/gateway";
import { identityService } from "@lyceum/identity";
import { startServices, type TestProcess } from "@lyceum/testing";
import { type Json, type Person, password, signUp } from "@lyceum/testing/person.ts";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchBrowser } from "./browser.testing.ts";

describe.skipIf(!chromiumPath)("passkeys in Chromium, with its virtual authenticator", () => {
  let lyceum: TestProcess;
  let origin: string;
  let browser: Browser;
  let page: Page;
  let devices: CDPSession;
  let authenticatorId: string;
  let ada: Person;

  beforeAll(async () => {
    [lyceum, browser] = await Promise.all([startServices([gatewayService, identityService]), launchBrowser()]);
    origin = lyceum.url.replace("127.0.0.1", "localhost");
    ada = await signUp(lyceum.url, "Ada");
    page = await browser.newPage();
    await page.route("**/blank", (route) => route.fulfill({ contentType: "text/html", body: "<title>blank</title>" }));
    await page.goto(`${origin}/blank`);
    devices = await page.context().newCDPSession(page);
    await devices.send("WebAuthn.enable");
    authenticatorId = await addAuthenticator();
  });
  afterAll(async () => {
    await browser?.close();
    await lyceum?.[Symbol.asyncDispose]();
  });

  const addAuthenticator = async (isUserVerified = true) => {
    const options = {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
    } as const;
    const added = await devices.send("WebAuthn.addVirtualAuthenticator", {
      options: { ...options, isUserVerified, automaticPresenceSimulation: true },
    });
    return added.authenticatorId;
  };

  /** What the authenticator makes of options, as the page would send it. */
  const make = (options: Json): Promise<Json> =>
    page.evaluate(async (json) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
      const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
      return made.toJSON();
    }, options);
  const use = (options: Json): Promise<Json> =>
    page.evaluate(async (json) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
      const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
      return used.toJSON();
    }, options);

  const post = async (path: string, body: object): Promise<[number, Json]> => {
    const headers = { "content-type": "application/json" };
    const res = await fetch(`${lyceum.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return [res.status, await res.json()];
  };
  const usePasskey = async () => use((await post("/v1/auth/passkeys:beginSignIn", {}))[1].options);
  const signIn = (credential: Json) => post("/v1/auth/passkeys:finishSignIn", { credential });
  const refused = [401, expect.objectContaining({ reason: "PASSKEY_REFUSED" })];

  test("a passkey is made, listed, and signs in alone", async () => {
    const { options } = await ada.post("/v1/auth/passkeys:beginRegistration", {});
    expect(options.rp).toEqual({ name: "Lyceum", id: "localhost" });
    const credential = await make(options);
    const { passkey, recoveryCodes } = await ada.post("/v1/auth/passkeys:finishRegistration", {
      name: "Laptop",
      credential,
    });
    expect(passkey.name).toBe("Laptop");
    expect(recoveryCodes).toHaveLength(10);
    const again = await ada.fetch("/v1/auth/passkeys:finishRegistration", {
      method: "POST",
      body: JSON.stringify({ credential }),
      headers: { "content-type": "application/json" },
    });
    expect([again.status, (await again.json()).reason]).toEqual([400, "PASSKEY_REFUSED"]);

    const [status, { session, user }] = await signIn(await usePasskey());
    expect([status, user.id]).toEqual([200, ada.userId]);
    expect(session.accessToken).not.toBe("");
    const { passkeys } = await ada.json("/v1/auth/passkeys");
    expect(passkeys).toEqual([expect.objectContaining({ name: "Laptop", lastUsedTime: expect.stringMatching(/Z$/) })]);
  });

  test("an answer signs in once, and only if it answers a challenge of ours at our own origin", async () => {
    const credential = await usePasskey();
    expect((await signIn(credential))[0]).toBe(200);
    expect(await signIn(credential)).toEqual(refused);
    const options = (await post("/v1/auth/passkeys:beginSignIn", {}))[1].options;
    expect(await signIn(await use({ ...options, challenge: "bm90IG91cnM" }))).toEqual(refused);

    const answer = await usePasskey();
    const clientData = JSON.parse(Buffer.from(answer.response.clientDataJSON, "base64url").toString());
    const elsewhere = Buffer.from(JSON.stringify({ ...clientData, origin: "https://evil.example.org" }));
    const moved = { ...answer, response: { ...answer.response, clientDataJSON: elsewhere.toString("base64url") } };
    expect(await signIn(moved)).toEqual(refused);
    // The challenge is gone with it, so that nobody may try again.
    expect(await signIn(answer)).toEqual(refused);
    for (const nonsense of [{}, { id: 7 }, { id: "x", response: { clientDataJSON: "e30" } }, { response: null }])
      expect(await signIn(nonsense)).toEqual(refused);
  });

  test("after a password it is the second factor, and it proves again who uses a session", async () => {
    const [, { mfaChallenge, session }] = await post("/v1/auth/sign-in", { email: ada.email, password });
    expect(session ?? null).toBeNull();
    expect(mfaChallenge.factors).toContain("FACTOR_PASSKEY");
    const completed = await post("/v1/auth/mfa", { challengeToken: mfaChallenge.token, passkey: await usePasskey() });
    expect([completed[0], completed[1].user.id]).toEqual([200, ada.userId]);
    const { expireTime } = await ada.post("/v1/auth/reauthenticate", { passkey: await usePasskey() });
    expect(Date.parse(expireTime)).toBeGreaterThan(Date.now());

    const eve = await signUp(lyceum.url, "Eve");
    await expect(eve.post("/v1/auth/reauthenticate", { passkey: await usePasskey() })).rejects.toThrow("INVALID_CODE");
    const { passkeys } = await ada.json("/v1/auth/passkeys");
    expect((await eve.fetch(`/v1/auth/passkeys/${passkeys[0].id}`, { method: "DELETE" })).status).toBe(404);
  });

  test("an authenticator that does not ask who holds it is refused", async () => {
    await devices.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    const [, { options }] = await post("/v1/auth/passkeys:beginSignIn", {});
    const credential = await use({ ...options, userVerification: "discouraged" });
    expect(await signIn(credential)).toEqual(refused);
    await devices.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  });

  test("a copy, whose counter is behind, is refused", async () => {
    const { credentials } = await devices.send("WebAuthn.getCredentials", { authenticatorId });
    const [credential] = credentials;
    if (!credential) throw new Error("The authenticator keeps a passkey.");
    await devices.send("WebAuthn.clearCredentials", { authenticatorId });
    await devices.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount: 0 } });
    expect(await signIn(await usePasskey())).toEqual(refused);
  });

  test("a deleted passkey signs nobody in, and asks for nothing", async () => {
    const { options } = await ada.post("/v1/auth/passkeys:beginRegistration", {});
    expect(options.excludeCredentials).toHaveLength(1);
    const { passkeys } = await ada.json("/v1/auth/passkeys");
    await ada.json(`/v1/auth/passkeys/${passkeys[0].id}`, { method: "DELETE" });
    expect(await signIn(await usePasskey())).toEqual(refused);
    const [, { session }] = await post("/v1/auth/sign-in", { email: ada.email, password });
    expect(session.accessToken).not.toBe("");
  });
});
