import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { makePdf } from "@lyceum/testing/make-pdf.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const chromiumPath = process.env.CHROMIUM_PATH;
const root = join(import.meta.dirname, "../../..");
const report = join(process.env.LYCEUM_DATA ?? join(root, "../shared/data"), "sec-10q/2023 Q3 AAPL.pdf");
const screenshots = process.env.LYCEUM_SCREENSHOTS;

/** A real quarterly report where the development data is there, else a PDF of our own. */
const source = existsSync(report)
  ? {
      name: "2023 Q3 AAPL.pdf",
      bytes: readFileSync(report),
      question: "What were total net sales of iPhone in the third quarter?",
    }
  : {
      name: "tides.pdf",
      bytes: makePdf([
        ["About the sea"],
        ["Spring tides happen when the sun and the moon pull in line.", "Neap tides follow seven days later."],
      ]),
      question: "When do spring tides happen?",
    };

describe.skipIf(!chromiumPath)("the newcomer's path in a browser", () => {
  const home = mkdtempSync(join(tmpdir(), "lyceum-page-"));
  let program: Program;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    program = await startProgram(home);
    browser = await chromium.launch({
      executablePath: chromiumPath ?? "",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    // axe needs a context that was opened as such.
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    const path = join(home, source.name);
    writeFileSync(path, source.bytes);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  async function look(name: string): Promise<void> {
    if (screenshots) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `${name}.png`) });
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  }

  test("a new person signs up", async () => {
    await page.goto(program.url);
    await page.getByTestId("sign-up-name").waitFor();
    await look("sign-up");
    await page.getByTestId("sign-up-name").fill("Ada Newcomer");
    await page.getByTestId("sign-up-email").fill("ada@example.org");
    await page.getByTestId("sign-up-password").fill("correct horse battery staple");
    await page.getByTestId("sign-up-submit").click();
    await page.getByTestId("drop-zone").waitFor();
    await look("empty-library");
  });

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

  test("it fits a phone and the dark", async () => {
    for (const [name, path] of [
      ["library", "/"],
      ["ask", "/ask"],
      ["account", "/account"],
    ] as const) {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: "dark" });
      await page.goto(`${program.url}${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
      await look(`phone-dark-${name}`);
    }
  }, 60_000);

  test("nothing went wrong in the console", () => {
    expect(problems).toEqual([]);
  });
});

/** Layout decides where a PDF's text layer has spaces, so they don't count. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, "");
}
