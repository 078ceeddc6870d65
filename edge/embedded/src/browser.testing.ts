import { mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

/** Names a Chromium; without one the browser tests are skipped. */
export const chromiumPath = process.env.CHROMIUM_PATH;

/** Where each screen that is looked at is kept; nowhere if unset. */
const screenshots = process.env.LYCEUM_SCREENSHOTS;

/** A person at a browser of their own. */
export type Visitor = {
  readonly page: Page;
  /** What went wrong in the page and its console. */
  readonly problems: string[];
  /** Keeps a picture of the screen, and fails at what axe finds serious. */
  look(name: string): Promise<void>;
};

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
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
}

/** Opens a browser window that shares nothing with others. */
export async function openVisitor(browser: Browser): Promise<Visitor> {
  // axe needs a context that was opened as such.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  return { page, problems, look: (name) => look(page, name) };
}

/** Signs a new person up through the page. */
export async function enter({ page }: Visitor, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByTestId("sign-up-name").fill(name);
  await page.getByTestId("sign-up-email").fill(`${name.toLowerCase().replaceAll(" ", ".")}@example.org`);
  await page.getByTestId("sign-up-password").fill("correct horse battery staple");
  await page.getByTestId("sign-up-submit").click();
  await page.getByTestId("drop-zone").waitFor();
}

/** Fails if a screen is wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, `${page.url()} scrolls sideways`).toBeLessThanOrEqual(0);
}

async function look(page: Page, name: string): Promise<void> {
  // A dialog that is still fading in has no contrast yet.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Number.POSITIVE_INFINITY),
  );
  if (screenshots) {
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
