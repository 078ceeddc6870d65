import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tempFolder } from "@lyceum/testing";
import { type Person, signUp } from "@lyceum/testing/person.ts";
import { type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const chromiumPath = process.env.CHROMIUM_PATH;
const mark = "localStorage.setItem('ran', location.href); document.cookie = 'ran=1'";
const html = `<!doctype html><script>${mark}</script><img src=x onerror="${mark}"><body onload="${mark}">`;
const hostile: Record<string, string> = {
  "page.html": html,
  "page.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><script>${mark}</script></html>`,
  "picture.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="${mark}"><script>${mark}</script></svg>`,
  "gif-and-script.gif": `GIF89a=0;${mark}`,
  "pdf-and-page.pdf": `%PDF-1.7\n${html}`,
  "script.js": mark,
  "worker.mjs": `self.addEventListener("fetch", (event) => event.respondWith(new Response("taken")));`,
  "style.css": "body { display: none }",
  "notes.md": html,
  "feed.xml": `<?xml-stylesheet href="#x" type="text/xsl"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${mark}</h:script></x>`,
};

describe.skipIf(!chromiumPath)("what people upload, in a browser", { timeout: 90_000 }, () => {
  let stack: AsyncDisposableStack;
  let lyceum: Program;
  let person: Person;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const urls = new Map<string, string>();

  beforeAll(async () => {
    stack = new AsyncDisposableStack();
    lyceum = stack.use(await startProgram(await tempFolder()));
    person = await signUp(lyceum.url);
    for (const [name, text] of Object.entries(hostile)) {
      urls.set(name, `${lyceum.url}/v1/files/${await person.upload(name, text)}/content`);
    }
    browser = await chromium.launch({
      executablePath: chromiumPath ?? "",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    });
    stack.defer(() => browser.close());
    // As if the browser itself signed requests: nothing but the answers' headers stands in the way.
    context = await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${person.token}` } });
    page = await context.newPage();
  }, 120_000);
  afterAll(() => stack[Symbol.asyncDispose]());

  /** What ran on the app's origin, and forgets it. */
  async function takeMark(): Promise<string | null> {
    const app = await context.newPage();
    await app.goto(`${lyceum.url}/docs`, { waitUntil: "commit" });
    const ran = await app.evaluate(() => {
      const found = localStorage.getItem("ran") ?? (document.cookie || null);
      localStorage.clear();
      return found;
    });
    await app.close();
    await context.clearCookies();
    return ran;
  }

  test("would leave its mark if it ran", async () => {
    await page.route("**/control", (route) => route.fulfill({ contentType: "text/html", body: html }));
    await page.goto(`${lyceum.url}/control`);
    expect(await takeMark()).toBe(`${lyceum.url}/control`);
  });

  test("never runs when it is opened", async () => {
    for (const url of urls.values()) {
      const download = page.waitForEvent("download");
      await page.goto(url).catch(() => undefined);
      await (await download).cancel();
    }
    expect(await takeMark()).toBeNull();
  });

  test("never runs inside another site's page", async () => {
    const embedding = [...urls.values()].flatMap((url) => [
      `<iframe src="${url}"></iframe>`,
      `<object data="${url}"></object>`,
      `<embed src="${url}">`,
      `<script src="${url}"></script>`,
      `<link rel="stylesheet" href="${url}">`,
      `<img src="${url}">`,
    ]);
    const body = `<!doctype html><script>localStorage.clear()</script><p>seen</p>${embedding.join("")}`;
    const site = createServer((_, res) => res.writeHead(200, { "content-type": "text/html" }).end(body));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    try {
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`, { waitUntil: "load" });
      expect(await page.evaluate(() => localStorage.getItem("ran"))).toBeNull();
      expect(await page.getByText("seen").isVisible()).toBe(true);
      expect(await takeMark()).toBeNull();
    } finally {
      site.closeAllConnections();
      site.close();
    }
  });

  test("becomes no script, style or worker of the app's own pages", async () => {
    await page.goto(`${lyceum.url}/docs`, { waitUntil: "commit" });
    const loaded = await page.evaluate(
      async (all) => {
        const attempts: Promise<string>[] = [];
        for (const [name, url] of all) {
          const element = (tag: string, set: Record<string, string>) =>
            new Promise<string>((resolve) => {
              const made = Object.assign(document.createElement(tag), set);
              made.onload = () => resolve(`${tag} ${name}`);
              made.onerror = () => resolve("");
              document.head.append(made);
            });
          attempts.push(element("script", { src: url }), element("link", { rel: "stylesheet", href: url }));
          attempts.push(element("script", { src: url, type: "module" }));
          attempts.push(
            navigator.serviceWorker.register(url).then(
              () => `worker ${name}`,
              () => "",
            ),
          );
        }
        return (await Promise.all(attempts)).filter(Boolean);
      },
      [...urls],
    );
    expect(loaded).toEqual([]);
    expect(await takeMark()).toBeNull();
  });

  test("the reference of the API is drawn without asking anybody else", async () => {
    const asked: string[] = [];
    const reference = await browser.newPage();
    reference.on("request", (request) => asked.push(request.url()));
    await reference.goto(`${lyceum.url}/docs#tag/fileservice`);
    await reference.getByRole("heading", { name: "FileService" }).waitFor();
    expect(asked.filter((url) => !url.startsWith(lyceum.url) && !/^(data|blob):/.test(url))).toEqual([]);
    await reference.close();
  });
});
