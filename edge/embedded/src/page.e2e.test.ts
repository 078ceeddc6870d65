import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePdf } from "@lyceum/testing/make-pdf.ts";
import { signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  chromiumPath,
  enter,
  expectNoSidewaysScroll,
  launchBrowser,
  openVisitor,
  type Visitor,
} from "./browser.testing.ts";

const root = join(import.meta.dirname, "../../..");
const report = join(process.env.LYCEUM_DATA ?? join(root, "../shared/data"), "sec-10q/2023 Q3 AAPL.pdf");

/** A real quarterly report where the development data is there, else a PDF of our own. */
const source = existsSync(report)
  ? {
      name: "2023 Q3 AAPL.pdf",
      bytes: readFileSync(report),
      question: "What were total net sales of iPhone in the third quarter?",
      followUp: "And of Mac?",
    }
  : {
      name: "tides.pdf",
      bytes: makePdf([
        ["About the sea"],
        ["Spring tides happen when the sun and the moon pull in line.", "Neap tides follow seven days later."],
      ]),
      question: "When do spring tides happen?",
      followUp: "And neap tides?",
    };

describe.skipIf(!chromiumPath)("the newcomer's path in a browser", () => {
  const home = mkdtempSync(join(tmpdir(), "lyceum-page-"));
  let program: Program;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    [program, browser] = await Promise.all([startProgram(home), launchBrowser()]);
    visitor = await openVisitor(browser);
    page = visitor.page;
    writeFileSync(join(home, source.name), source.bytes);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  const look = (name: string) => visitor.look(name);

  test("a new person signs up", async () => {
    await page.goto(program.url);
    await page.getByTestId("sign-up-name").waitFor();
    await look("sign-up");
    await enter(visitor, program.url, "Ada Newcomer");
    await look("empty-library");
  });

  test("whoever has no document takes the sample, asks what it suggests, and finds its place by searching", async () => {
    const newcomer = await openVisitor(browser);
    await enter(newcomer, program.url, "Bo Newcomer");
    await newcomer.page.getByTestId("sample").click();
    await newcomer.page.getByTestId("next-step").getByRole("link").click();
    await newcomer.page.getByTestId("suggestion").first().waitFor();
    await newcomer.look("suggestions");
    await newcomer.page.getByRole("button", { name: "Where are the largest tides?" }).click();
    await newcomer.page.getByTestId("citation-chip").first().waitFor();
    expect(await newcomer.page.getByTestId("answer-text").textContent()).toContain("Bay of Fundy");
    await newcomer.page.keyboard.press("Control+k");
    await newcomer.page.keyboard.type("moon and sun in line");
    await newcomer.page.getByTestId("found-passage").first().click();
    await newcomer.page.getByTestId("highlight").first().waitFor();
    await newcomer.page.getByText(/of 3 · page 2/).waitFor();
    await newcomer.look("found");
    await paste(newcomer.page, "note.md", "# A note");
    await newcomer.page.getByTestId("file-row").filter({ hasText: "note.md" }).waitFor();
    expect(newcomer.problems).toEqual([]);
    await newcomer.page.context().close();
  }, 60_000);

  test("they are known by a cookie that no script can read, and so is who held tokens before", async () => {
    const known = async ({ page }: Visitor) => {
      const readable = await page.evaluate(() => `${JSON.stringify(localStorage)} ${document.cookie}`);
      const cookies = await page.context().cookies();
      return { readable, cookie: cookies.find(({ name }) => name === "lyceum-session") };
    };
    const { readable, cookie } = await known(visitor);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(readable).not.toMatch(/token/i);
    expect(readable).not.toContain(cookie?.value);

    const ben = await signUp(program.url, "Ben");
    const former = await openVisitor(browser);
    await former.page.goto(program.url);
    const { userId, email, token: accessToken, refreshToken } = ben;
    const { sessions } = await ben.json("/v1/auth/sessions");
    const stored = { userId, email, sessionId: sessions[0].id, accessToken, refreshToken, expiresAtMs: 1 };
    await former.page.evaluate((text) => localStorage.setItem("lyceum.session", text), JSON.stringify(stored));
    const frames: string[] = [];
    former.page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
    await former.page.reload();
    await former.page.getByTestId("drop-zone").waitFor();
    await expect.poll(() => frames[0]).toBe('{"type":"auth","cursor":""}');
    const after = await known(former);
    expect(after.cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(after.readable).not.toMatch(/token/i);
    await former.page.context().close();
  }, 60_000);

  test("a PDF that is dropped in becomes ready before their eyes", async () => {
    await page.getByTestId("file-input").setInputFiles(join(home, source.name));
    await page.locator('[data-testid="file-row"][data-state="DOCUMENT_STATE_READY"]').waitFor({ timeout: 60_000 });
    await look("library");
  }, 90_000);

  test("a question is answered with citations, and a citation opens the page with its very words marked", async () => {
    await page.getByRole("link", { name: "Ask" }).first().click();
    await page.getByTestId("ask-input").fill(source.question);
    const answer = page.waitForResponse((response) => response.url().includes("/lyceum.rag.v1.RagService/Ask"));
    await page.getByTestId("ask-submit").click();
    await answer;
    const chip = page.getByTestId("citation-chip").first();
    await chip.waitFor();
    await look("answer");
    const quote = await readFirstQuote();
    await chip.click();
    await page.getByTestId("source-viewer").waitFor();
    await page.getByTestId("highlight").first().waitFor({ timeout: 20_000 });
    await look("source");
    const marked = (await page.getByTestId("highlight").allTextContents()).join(" ");
    expect(squeeze(marked)).toBe(squeeze(quote));
  }, 60_000);

  /** The quote of the citation the chip shows, as the API tells it to the page's own person. */
  async function readFirstQuote(): Promise<string> {
    const quote = await page.getByTestId("citation-chip").first().getAttribute("data-quote");
    expect(quote).toBeTruthy();
    return quote ?? "";
  }

  test("a follow-up goes on in the same conversation, which a reload finds again", async () => {
    await page.getByRole("button", { name: "Close the source" }).click();
    await page.waitForURL(/\/ask\/[0-9a-f-]+/);
    await page.getByTestId("ask-input").fill(source.followUp);
    await page.getByTestId("ask-submit").click();
    await page.getByTestId("answer-text").nth(1).waitFor();
    await page.getByRole("button", { name: "Helpful", exact: true }).nth(1).click();
    await page.getByLabel("What was good about it?").fill("To the point.");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByLabel("What was good about it?").waitFor({ state: "detached" });
    await page.reload();
    await page.getByTestId("answer-text").nth(1).waitFor();
    expect(await page.getByRole("button", { name: "Helpful", exact: true }).last().getAttribute("aria-pressed")).toBe(
      "true",
    );
    expect(await page.getByTestId("conversation").count()).toBe(1);
    await look("conversation");
  }, 60_000);

  test("a file is shared by a link that anyone may follow, until it is taken back", async () => {
    await page.getByRole("link", { name: "Library" }).click();
    await choose("Share");
    await page.getByTestId("make-link").click();
    const url = (await page.getByTestId("copy-link").getAttribute("data-url")) ?? "";
    await look("share");
    expect((await fetch(url)).status).toBe(200);
    await page.getByRole("button", { name: "Take back" }).click();
    await page.getByTestId("copy-link").waitFor({ state: "detached" });
    expect((await fetch(url)).status).toBe(404);
    await page.keyboard.press("Escape");
  }, 60_000);

  test("files go into folders, to the trash, back, and away for good", async () => {
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByTestId("new-folder").click();
    await page.getByTestId("name-input").fill("Term one");
    await page.getByTestId("name-submit").click();
    await page.getByTestId("folder-row").waitFor();
    await choose("Move");
    await page.getByRole("radio", { name: "Term one" }).check();
    await page.getByTestId("move-submit").click();
    await page.getByTestId("file-row").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Term one" }).click();
    await page.getByTestId("file-row").waitFor();
    await choose("Rename");
    await page.getByTestId("name-input").fill(`renamed-${source.name}`);
    await page.getByTestId("name-submit").click();
    await page.getByTestId("file-row").filter({ hasText: "renamed-" }).waitFor();
    await choose("Move to the trash");
    await page.getByTestId("file-row").waitFor({ state: "detached" });
    await page.getByText("Trash", { exact: true }).click();
    await page.getByTestId("trashed-row").waitFor();
    await look("trash");
    await page.getByTestId("restore").click();
    await page.getByTestId("trashed-row").waitFor({ state: "detached" });
    await page.getByText("Yours", { exact: true }).click();
    await page.getByRole("link", { name: "Term one" }).click();
    await choose("Move to the trash");
    await page.getByText("Trash", { exact: true }).click();
    await page.getByTestId("purge").click();
    await page.getByTestId("purge-confirm").click();
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor();
  }, 90_000);

  async function choose(action: string): Promise<void> {
    await page.getByTestId("file-row").getByRole("button", { name: "Actions for" }).click();
    await page.getByRole("menuitem", { name: action, exact: true }).click();
  }

  test("a large upload is paused, survives a reload, and goes on when the file is chosen again", async () => {
    const path = join(home, "large.bin");
    writeFileSync(path, Buffer.alloc(24 * 1024 * 1024, 7));
    await page.goto(program.url);
    await throttle(page, 8_000_000);
    await page.getByTestId("file-input").setInputFiles(path);
    const row = page.getByTestId("file-row").filter({ hasText: "large.bin" });
    await row.filter({ hasText: /uploading [789]\d %/ }).waitFor();
    await row.getByRole("button", { name: "Pause" }).click();
    await row.filter({ hasText: "paused at" }).waitFor();
    await page.reload();
    await row.filter({ hasText: "interrupted at" }).waitFor();
    await look("interrupted");
    await throttle(page, -1);
    const offset = page.waitForResponse((response) => response.request().method() === "HEAD");
    await row.getByTestId("choose-again").setInputFiles(path);
    expect(Number((await offset).headers()["upload-offset"])).toBeGreaterThan(15_000_000);
    await page.locator('[data-testid="file-row"][data-file-id]').waitFor();
  }, 90_000);

  test("it fits a phone and the dark", async () => {
    for (const [name, path] of [
      ["library", "/"],
      ["ask", "/ask"],
      ["rooms", "/rooms"],
      ["account", "/account"],
    ] as const) {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: "dark" });
      await page.goto(`${program.url}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator('[aria-busy="true"]').waitFor({ state: "detached" });
      await expectNoSidewaysScroll(page);
      await look(`phone-dark-${name}`);
    }
  }, 60_000);

  test("nothing went wrong in the console", () => {
    expect(visitor.problems).toEqual([]);
  });
});

/** Layout decides where a PDF's text layer has spaces, so they don't count. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, "");
}

/** Pastes a file, as from a file manager. */
async function paste(page: Page, name: string, text: string): Promise<void> {
  await page.evaluate(
    ([file, words]) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([words], file));
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    },
    [name, text] as const,
  );
}

/** Slows down what the page sends, in bytes a second; not at all below 0. */
async function throttle(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  });
}
