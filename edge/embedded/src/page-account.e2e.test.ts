import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fastStart, findFreePort, type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  chromiumPath,
  enter,
  expectNoSidewaysScroll,
  launchBrowser,
  openVisitor,
  type Visitor,
} from "./browser.testing.ts";
import { type Issuer, startIssuer } from "./issuer.testing.ts";

const cli = join(import.meta.dirname, "../../cli/src/main.ts");
const newPassword = "a lighthouse on the far shore";

describe.skipIf(!chromiumPath)("one's account, and other people's, in a browser", () => {
  const home = mkdtempSync(join(tmpdir(), "lyceum-account-"));
  let issuer: Issuer;
  let program: Program;
  let url: string;
  let browser: Browser;
  let ada: Visitor;
  let page: Page;
  let root: Visitor;
  let app: TOTP;

  beforeAll(async () => {
    // The issuer says at length that it is none for production.
    for (const level of ["info", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => {});
    const port = await findFreePort();
    // Passkeys need a name, not an IP address.
    url = `http://localhost:${port}`;
    issuer = await startIssuer(url);
    const school = { id: "school", name: "School", issuer: issuer.url, clientId: "lyceum", clientSecret: "s3cret" };
    const variables = { IDENTITY_PROVIDERS: JSON.stringify([school]) };
    [program, browser] = await Promise.all([startProgram(home, variables, port), launchBrowser()]);
    [ada, root] = await Promise.all([openVisitor(browser), openVisitor(browser)]);
    page = ada.page;
    await Promise.all([enter(ada, url, "Ada Newcomer"), enter(root, url, "Root Keeper")]);
    for (const visitor of [ada, root]) visitor.page.setDefaultTimeout(8_000);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
    await issuer?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  async function signIn(visitor: Visitor, email: string, password: string): Promise<void> {
    await visitor.page.getByTestId("sign-in-email").fill(email);
    await visitor.page.getByTestId("sign-in-password").fill(password);
    await visitor.page.getByTestId("sign-in-submit").click();
  }

  test("a forgotten password is replaced by the link in a mail", async () => {
    await page.goto(`${url}/account?part=security`);
    await page.getByTestId("unconfirmed").waitFor();
    await ada.look("account-security");
    await page.getByTestId("sign-out").click();
    await page.getByTestId("passkey-sign-in").waitFor();
    await ada.look("sign-in-again");
    await page.getByRole("button", { name: "Forgot the password?" }).click();
    await page.getByTestId("reset-email").fill("ada.newcomer@example.org");
    await page.getByTestId("reset-ask").click();
    await page.getByTestId("reset-sent").waitFor();
    await expect.poll(() => findLink("ada.newcomer@example.org"), { timeout: 10_000 }).toBeTruthy();
    await page.goto(`${url}${await findLink("ada.newcomer@example.org")}`);
    await page.getByTestId("link-password").fill(newPassword);
    await page.getByTestId("link-follow").click();
    await page.getByTestId("link-done").waitFor();
    await page.goto(`${url}/account?part=security`);
    await signIn(ada, "ada.newcomer@example.org", newPassword);
    await page.getByTestId("enroll-totp").waitFor();
  }, 60_000);

  test("mailed links are followed elsewhere by a password or not at all, and a mailed code by a click where it was asked for", async () => {
    const [mary, elsewhere] = await Promise.all([openVisitor(browser), openVisitor(browser)]);
    for (const visitor of [mary, elsewhere]) visitor.page.setDefaultTimeout(8_000);
    const waitForLink = async (path: string) => {
      const find = () => findLink("mary.link@example.org", path);
      await expect.poll(find, { timeout: 10_000 }).toBeTruthy();
      return `${url}${await find()}`;
    };
    await enter(mary, url, "Mary Link");
    await mary.page.goto(`${url}/account?part=security`);
    await mary.page.getByTestId("send-verification").click();
    await elsewhere.page.goto(await waitForLink("verify-email"));
    await elsewhere.page.getByTestId("link-follow").click();
    await elsewhere.page.getByTestId("link-take-over").waitFor();
    await elsewhere.look("verify-elsewhere");
    await elsewhere.page.getByTestId("link-proof").fill("correct horse battery staple");
    await elsewhere.page.getByTestId("link-follow").click();
    await elsewhere.page.getByTestId("link-done").waitFor();

    await mary.page.getByTestId("sign-out").click();
    await mary.page.getByRole("button", { name: "Sign in with a code by mail" }).click();
    await mary.page.getByTestId("code-email").fill("mary.link@example.org");
    await mary.page.getByTestId("code-ask").click();
    const link = await waitForLink("sign-in-link");
    await elsewhere.page.goto(link);
    await elsewhere.page.getByTestId("link-elsewhere").waitFor();
    await elsewhere.look("sign-in-link-elsewhere");
    // Opened but not clicked, as a mail program does.
    const scanner = await mary.page.context().newPage();
    await scanner.goto(link);
    await scanner.getByTestId("link-follow").waitFor();
    await mary.page.goto(link);
    await mary.page.getByTestId("link-follow").click();
    await mary.page.getByTestId("drop-zone").waitFor();
    await mary.page.goto(`${url}/account?part=security`);
    await mary.page.getByTestId("account-email").waitFor();
    expect(await mary.page.getByTestId("unconfirmed").count()).toBe(0);
    await Promise.all([mary, elsewhere].map((visitor) => visitor.page.context().close()));
  }, 60_000);

  /** The path of the link in a mail to an address. */
  async function findLink(email: string, path = "reset-password"): Promise<string | undefined> {
    const res = await fetch(`${program.url}/dev/mail`, { headers: { accept: "application/json" } });
    const { mails } = (await res.json()) as { mails: { to: string; text: string }[] };
    return mails
      .filter(({ to }) => to === email)
      .flatMap(({ text }) => text.match(new RegExp(`/${path}#\\S+`)) ?? [])[0];
  }

  test("an account elsewhere is linked, signs a new person in, and stays while it is the only way", async () => {
    issuer.person = "ada.elsewhere";
    await page.getByTestId("link-provider").click();
    await page.getByTestId("provider").filter({ hasText: "Linked just now" }).waitFor();
    issuer.person = "carl";
    const carl = await openVisitor(browser);
    carl.page.setDefaultTimeout(8_000);
    await carl.page.goto(`${url}/account?part=security`);
    await carl.page.getByTestId("provider-sign-in").click();
    await carl.page.getByTestId("account-email").filter({ hasText: "carl@example.org" }).waitFor();
    await carl.page.getByTestId("unlink-provider").click();
    await carl.page.getByText("This is your only way to sign in.").waitFor();
    await carl.look("account-provider");
    await carl.page.context().close();
  }, 60_000);

  test("an authenticator app is added in the page, and asked for at the next sign-in", async () => {
    await page.getByTestId("enroll-totp").click();
    const secret = (await page.getByTestId("totp-secret").getAttribute("data-secret")) ?? "";
    await page.getByRole("img", { name: "QR code" }).waitFor();
    await ada.look("account-totp");
    app = new TOTP({ secret });
    await page.getByTestId("totp-code").fill(app.generate());
    await page.getByTestId("confirm-totp").click();
    await page.getByTestId("recovery-code").nth(9).waitFor();
    const recoveryCode = await page.getByTestId("recovery-code").first().textContent();
    await ada.look("account-recovery-codes");
    await page.getByTestId("codes-kept").click();
    await page.getByTestId("totp-on").waitFor();
    await page.getByTestId("sign-out").click();
    await signIn(ada, "ada.newcomer@example.org", newPassword);
    // The code of this half minute is used up; the next one is good already.
    await page.getByTestId("second-factor-code").fill(app.generate({ timestamp: Date.now() + 30_000 }));
    await page.getByTestId("second-factor-submit").click();
    await page.getByTestId("codes-left").filter({ hasText: "10 codes left" }).waitFor();

    await refuseOnce("RegenerateRecoveryCodes");
    await page.getByTestId("renew-codes").click();
    await page.getByText("Recovery code", { exact: true }).click();
    await page.getByTestId("step-up-code").fill("wrong");
    await page.getByTestId("step-up-submit").click();
    await page.getByText("This code is wrong, or was used before.").waitFor();
    await ada.look("step-up");
    await page.getByTestId("step-up-code").fill(recoveryCode ?? "");
    // The session gives way to another one, which cuts what the page follows: it follows on by itself.
    const followsOn = page.waitForEvent("websocket");
    await page.getByTestId("step-up-submit").click();
    await followsOn;
    await page.getByTestId("recovery-code").nth(9).waitFor();
    await page.getByTestId("codes-kept").click();
  }, 60_000);

  /** Has the next call of a method answered as ten minutes after a sign-in, which no test can wait for. */
  async function refuseOnce(method: string): Promise<void> {
    const info = Buffer.concat([
      field(1, "STEP_UP_REQUIRED"),
      field(3, Buffer.concat([field(1, "methods"), field(2, "totpCode,recoveryCode")])),
    ]);
    const body = JSON.stringify({
      code: "permission_denied",
      message: "Please prove once more who you are.",
      details: [{ type: "google.rpc.ErrorInfo", value: info.toString("base64").replace(/=+$/, "") }],
    });
    await page.route(
      `**/*IdentityService/${method}`,
      (route) => route.fulfill({ status: 403, contentType: "application/json", body }),
      { times: 1 },
    );
  }

  test("an API key made in the page works until it is revoked there", async () => {
    await page.goto(`${url}/account?part=keys`);
    await page.getByTestId("key-name").fill("Backup");
    await page.getByTestId("make-key").click();
    const secret = (await page.getByTestId("key-secret").textContent()) ?? "";
    await ada.look("account-key-secret");
    const list = () => fetch(`${program.url}/v1/files`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await list()).status).toBe(200);
    await page.getByTestId("key-kept").click();
    await page.getByTestId("revoke-key").click();
    await page.getByTestId("api-key").waitFor({ state: "detached" });
    await expect.poll(async () => (await list()).status, { timeout: 3_000 }).toBe(401);
    await page.getByText("History", { exact: true }).click();
    await page.locator('[data-testid="audit-event"][data-event="api-key-revoked"]').waitFor();
  }, 60_000);

  test("a passkey made in the page signs in alone, until it is deleted", async () => {
    const devices = await page.context().newCDPSession(page);
    await devices.send("WebAuthn.enable");
    await devices.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.getByText("Security", { exact: true }).click();
    await page.getByTestId("passkey-name").fill("Laptop");
    await page.getByTestId("add-passkey").click();
    await page.getByTestId("passkey").filter({ hasText: "Laptop" }).waitFor();
    await page.getByTestId("sign-out").click();
    await page.getByTestId("passkey-sign-in").click();
    await page.getByTestId("passkey").filter({ hasText: "used just now" }).waitFor();
    await page.getByTestId("delete-passkey").click();
    await page.getByTestId("passkey").waitFor({ state: "detached" });
  }, 60_000);

  test("a person is blocked, and let in again", async () => {
    await root.page.getByRole("link", { name: "Account" }).click();
    await root.page.getByTestId("people-picker").fill("newc");
    await root.page.getByRole("option", { name: "Ada Newcomer" }).click();
    await root.page.getByTestId("block").click();
    await root.page.getByTestId("blocked").filter({ hasText: "Ada Newcomer" }).waitFor();
    await root.page.getByTestId("unblock").click();
    await root.page.getByTestId("blocked").waitFor({ state: "detached" });
  }, 60_000);

  test("an admin suspends the person in another tab, whose page is signed out within seconds", async () => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, LYCEUM_HOME: home };
    await promisify(execFile)(process.execPath, [...fastStart, cli, "role", "root.keeper@example.org", "admin"], {
      env,
    });
    await root.page.getByTestId("sign-in-email").or(root.page.getByTestId("sign-up-name")).waitFor();
    await signIn(root, "root.keeper@example.org", "correct horse battery staple");
    await root.page.getByRole("link", { name: "Admin" }).click();
    await root.page.getByTestId("user-row").nth(1).waitFor();
    await root.page.getByTestId("find-user").fill("root.keeper");
    await root.page.getByTestId("user-row").filter({ hasText: "Ada" }).waitFor({ state: "detached" });
    await root.page.getByTestId("user-row").click();
    await root.page.getByTestId("role-admin").uncheck();
    expect(await root.page.getByTestId("save-roles").isDisabled()).toBe(true);
    await root.page.getByTestId("reason").fill("Leaves.");
    await root.page.getByTestId("save-roles").click();
    await root.page.getByText("This is the last admin: make another one first.").waitFor();
    await root.look("admin-last-admin");
    await root.page.keyboard.press("Escape");
    await root.page.getByTestId("find-user").fill("ada");
    await root.page.getByTestId("user-row").filter({ hasText: "Ada" }).click();
    await root.page.getByTestId("reason").fill("Sells answers.");
    await root.page.getByTestId("suspend-user").click();
    const suspendedMs = Date.now();
    await root.page.getByTestId("suspend-user").click();
    await page.getByTestId("sign-in-email").waitFor();
    expect(Date.now() - suspendedMs).toBeLessThan(4_000);
    await root.page.getByTestId("user-suspended").waitFor();
    await root.look("admin-user");
    await root.page.keyboard.press("Escape");
    await root.page.getByText("Audit log", { exact: true }).click();
    await root.page
      .locator('[data-testid="log-entry"][data-event="user-suspended"]')
      .getByText("Sells answers.")
      .waitFor();
    await root.look("admin-log");
  }, 60_000);

  test("it fits a phone and the dark", async () => {
    await root.page.setViewportSize({ width: 360, height: 740 });
    await root.page.emulateMedia({ colorScheme: "dark" });
    for (const [name, path] of [
      ["profile", "/account"],
      ["security", "/account?part=security"],
      ["keys", "/account?part=keys"],
      ["history", "/account?part=history"],
      ["admin", "/admin"],
      ["admin-log", "/admin?log=true"],
    ] as const) {
      await root.page.goto(`${url}${path}`);
      await root.page.getByRole("heading", { level: 1 }).waitFor();
      await root.page.locator('[aria-busy="true"]').waitFor({ state: "detached" });
      await expectNoSidewaysScroll(root.page);
      await root.look(`phone-dark-${name}`);
    }
  }, 60_000);
});

/** A length-delimited field of a protobuf message. */
function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
