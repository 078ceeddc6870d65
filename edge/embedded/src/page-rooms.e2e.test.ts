import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePdf } from "@lyceum/testing/make-pdf.ts";
import { type ModelRequest, type ModelStep, startModel, type TestModel } from "@lyceum/testing/start-model.ts";
import { findFreePort, type Program, startProgram } from "@lyceum/testing/start-program.ts";
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

const tides = makePdf([
  ["About the sea"],
  ["Spring tides happen when the sun and the moon pull in line.", "Neap tides follow seven days later."],
]);

describe.skipIf(!chromiumPath)("two people in a room", () => {
  const home = mkdtempSync(join(tmpdir(), "lyceum-rooms-"));
  let model: TestModel;
  let variables: Record<string, string>;
  let port: number;
  let program: Program;
  let browser: Browser;
  let ada: Visitor;
  let bob: Visitor;

  beforeAll(async () => {
    port = await findFreePort();
    model = await startModel();
    variables = { RAG_MODEL_URL: model.url, RAG_MODEL_NAME: "test" };
    [program, browser] = await Promise.all([startProgram(home, variables, port), launchBrowser()]);
    [ada, bob] = await Promise.all([openVisitor(browser), openVisitor(browser)]);
    writeFileSync(join(home, "tides.pdf"), tides);
    await Promise.all([enter(ada, program.url, "Ada Newcomer"), enter(bob, program.url, "Bob Neighbour")]);
    for (const { page } of [ada, bob]) page.setDefaultTimeout(30_000);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  const say = async (page: Page, text: string) => {
    await page.getByTestId("composer").fill(text);
    await page.getByTestId("composer").press("Enter");
  };
  const line = (page: Page, text: string) => page.getByTestId("message").filter({ hasText: text });

  test("one makes it and finds the other by name, who sees it appear", async () => {
    await ada.page.getByRole("link", { name: "Rooms" }).click();
    await ada.page.getByTestId("new-room").click();
    await ada.page.getByTestId("room-title").fill("Marine biology");
    await ada.page.getByTestId("people-picker").fill("nei");
    await ada.page.getByRole("option", { name: "Bob Neighbour" }).click();
    await ada.page.getByTestId("create-room").click();
    await ada.page.getByTestId("composer").waitFor();
    await say(ada.page, "Hello **Bob**, welcome");
    await bob.page.getByTestId("unread-rooms").waitFor();
    await bob.page.getByRole("link", { name: "Rooms" }).click();
    await bob.look("rooms");
    await bob.page.getByTestId("room-row").click();
    await line(bob.page, "Hello Bob, welcome").waitFor();
  }, 90_000);

  test("they see each other write, and what the other has read", async () => {
    await bob.page.getByTestId("composer").pressSequentially("Good");
    await ada.page.getByTestId("typing").filter({ hasText: "Bob Neighbour is writing" }).waitFor();
    await say(bob.page, "Good morning");
    await line(ada.page, "Good morning").waitFor();
    await ada.page.getByTestId("typing").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
    await line(bob.page, "Good morning").getByTestId("seen-by").waitFor();
    await ada.look("room");
  }, 90_000);

  test("they answer, react, change and take back what was said", async () => {
    await line(ada.page, "Good morning").hover();
    await line(ada.page, "Good morning").getByRole("button", { name: "React" }).click();
    await ada.page.getByRole("button", { name: "React with 🎉" }).click();
    await line(bob.page, "Good morning").getByTestId("reaction").waitFor();
    await line(ada.page, "Good morning").hover();
    await line(ada.page, "Good morning").getByRole("button", { name: "Reply" }).click();
    await say(ada.page, "Shall we begin?");
    await line(bob.page, "Shall we begin?").getByText("Bob Neighbour").waitFor();
    await ada.page.getByTestId("composer").press("ArrowUp");
    await say(ada.page, "Shall we start?");
    await line(bob.page, "Shall we start?").waitFor();
    await say(bob.page, "Oops");
    await line(bob.page, "Oops").hover();
    await line(bob.page, "Oops").getByRole("button", { name: "More actions" }).click();
    await bob.page.getByRole("menuitem", { name: "Delete" }).click();
    await line(ada.page, "This message was deleted.").waitFor();
    expect(await line(ada.page, "Oops").count()).toBe(0);
  }, 90_000);

  test("a file that one drops in is read by the other", async () => {
    await ada.page.getByTestId("attach-input").setInputFiles(join(home, "tides.pdf"));
    await ada.page.locator('[data-testid="send"]:enabled').waitFor();
    await say(ada.page, "Read this, please");
    const attachment = line(bob.page, "Read this, please").getByTestId("attachment").filter({ hasText: "tides.pdf" });
    await attachment.click();
    await bob.page.getByTestId("source-viewer").getByText("tides.pdf").first().waitFor();
    await bob.page.getByTestId("source-viewer").locator("canvas").first().waitFor();
    await bob.page.getByRole("button", { name: "Close the source" }).click();
    // It may also be closed before it has come.
    const content = "**/v1/files/*/content*";
    const asked = bob.page.waitForRequest(content);
    await bob.page.route(content, () => {});
    await attachment.click();
    await asked;
    const dropped = bob.page.waitForEvent("requestfailed");
    await bob.page.getByRole("button", { name: "Close the source" }).click();
    await dropped;
    await bob.page.unroute(content);
  }, 90_000);

  test("the assistant answers everyone from what all may read, and its citation opens the source for each", async () => {
    await ada.page.getByRole("link", { name: "Library" }).click();
    await ada.page.getByTestId("file-row").filter({ hasText: "Ready" }).waitFor();
    await ada.page.goBack();
    await ada.page.getByTestId("composer").fill("@as");
    await ada.page.getByTestId("completion").first().waitFor();
    await ada.page.getByTestId("composer").press("Tab");
    await ada.page.getByTestId("composer").pressSequentially("When do spring tides happen?");
    await ada.page.getByTestId("composer").press("Enter");
    for (const { page } of [ada, bob]) {
      await page.locator('[data-testid="assistant-text"][data-state="finished"]').waitFor();
      await page.getByTestId("assistant-text").getByTestId("citation-chip").first().click();
      await page.getByTestId("highlight").first().waitFor();
      const marked = (await page.getByTestId("highlight").allTextContents()).join("").replace(/\s+/g, "");
      expect(marked).toContain("Springtideshappenwhen");
    }
    await bob.look("room-source");
    for (const { page } of [ada, bob]) await page.getByRole("button", { name: "Close the source" }).click();
  }, 90_000);

  test("a private answer is the asker's alone, after a reload too", async () => {
    await say(bob.page, "@assistant private: When do neap tides follow?");
    await bob.page.getByTestId("private-answer").getByTestId("citation-chip").first().waitFor();
    await line(ada.page, "When do neap tides follow?").waitFor();
    expect(await ada.page.getByTestId("private-answer").count()).toBe(0);
    await bob.page.reload();
    await bob.page.getByTestId("private-answer").getByTestId("citation-chip").first().waitFor();
    await bob.look("private-answer");
  }, 90_000);

  test("an answer that is being written goes on after a reload, and ends where one stops it", async () => {
    const { page } = ada;
    const more = Promise.withResolvers<void>();
    model.answer = (request) => ({ steps: speakUntil(more.promise, request) });
    await page.getByRole("link", { name: "Ask", exact: true }).click();
    await page.getByTestId("ask-input").fill("When do spring tides happen?");
    await page.getByTestId("ask-submit").click();
    const answer = page.getByTestId("answer-text");
    await answer.filter({ hasText: "Spring tides happen" }).waitFor();
    await page.waitForURL(/\/ask\/[0-9a-f-]+/);
    await page.reload();
    await answer.filter({ hasText: "Spring tides happen" }).waitFor();
    expect(await answer.textContent()).not.toContain("Neap");
    more.resolve();
    await answer.filter({ hasText: "Neap tides follow" }).getByTestId("citation-chip").first().waitFor();

    const gone = Promise.withResolvers<void>();
    model.answer = (request) => {
      request.gone.addEventListener("abort", () => gone.resolve());
      return { steps: speakUntil(gone.promise, request) };
    };
    await page.getByRole("link", { name: "New question" }).click();
    await page.getByTestId("ask-input").fill("When do spring tides happen?");
    await page.getByTestId("ask-submit").click();
    await answer.filter({ hasText: "Spring tides happen" }).waitFor();
    await page.getByTestId("ask-stop").click();
    await page.getByText("Stopped.").waitFor();
    await gone.promise;
    await page.goto(`${program.url}/rooms`);
    await page.getByTestId("room-row").click();
  }, 90_000);

  test("what is written while the program is away arrives once, and nothing is lost", async () => {
    await program.end("SIGKILL");
    await say(ada.page, "Written into the silence");
    await ada.page.getByTestId("outgoing").waitFor();
    await bob.page.getByTestId("connection").filter({ hasText: "No connection" }).waitFor();
    program = await startProgram(home, variables, port);
    // What a browser says when its network is back: nobody waits for the next try.
    for (const { page } of [ada, bob]) await page.evaluate(() => dispatchEvent(new Event("online")));
    await line(bob.page, "Written into the silence").waitFor({ timeout: 30_000 });
    await line(ada.page, "Written into the silence").waitFor();
    await say(bob.page, "Heard it");
    await line(ada.page, "Heard it").waitFor();
    for (const { page } of [ada, bob]) {
      await page.getByTestId("outgoing").waitFor({ state: "detached" });
      expect(await line(page, "Written into the silence").count()).toBe(1);
      expect(await listSeqs(page)).toEqual(await listSeqs(bob.page));
    }
  }, 90_000);

  test("the room fits a phone and the dark", async () => {
    await bob.page.setViewportSize({ width: 360, height: 740 });
    await bob.page.emulateMedia({ colorScheme: "dark" });
    await line(bob.page, "Heard it").waitFor();
    await expectNoSidewaysScroll(bob.page);
    await bob.look("phone-dark-room");
    await bob.page.getByRole("link", { name: "All rooms" }).click();
    await bob.page.getByTestId("room-row").waitFor();
    await expectNoSidewaysScroll(bob.page);
    await bob.look("phone-dark-rooms");
  }, 90_000);

  test("nothing went wrong in the pages", () => {
    // The connection was cut on purpose.
    const isCut = (problem: string) => /ERR_|WebSocket|Failed to load resource/.test(problem);
    expect([...ada.problems, ...bob.problems].filter((problem) => !isCut(problem))).toEqual([]);
  });

  const listSeqs = (page: Page) =>
    page.getByTestId("message").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-seq")));
});

/** Says one sentence of the document, and another one once it may. */
async function* speakUntil(more: Promise<void>, { passages }: ModelRequest): AsyncGenerator<ModelStep> {
  const number = passages.findIndex((passage) => passage.includes("Spring")) + 1;
  yield { say: `Spring tides happen when the sun and the moon pull in line [${number}]. ` };
  await more;
  yield { say: `Neap tides follow seven days later [${number}].` };
  yield { end: "stop" };
}
