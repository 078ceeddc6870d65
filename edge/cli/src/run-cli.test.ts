import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { tempFolder } from "@lyceum/testing";
import { findFreePort } from "@lyceum/testing/start-program.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Io } from "./io.ts";
import { runCli } from "./run-cli.ts";

let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Runs it in this process, without a terminal. */
async function run(args: readonly string[], variables: Record<string, string> = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io = { stdin, stdout, stderr, cwd: folder, signal: new AbortController().signal };
  const env = { XDG_CONFIG_HOME: folder, ...variables };
  const code = await runCli(args, { ...io, variables: env } as unknown as Io);
  return { code, out: String(stdout.read() ?? ""), err: String(stderr.read() ?? "") };
}

/** A server that answers everything with this. */
async function serve(status: number, body: object): Promise<string> {
  const server = createServer((_, res) => {
    res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As if someone had signed in to the deployment at `url`. */
async function signInTo(url: string): Promise<void> {
  const own = join(folder, "lyceum", url.replace(/[^\w.-]+/g, "_"));
  const session = { userId: "u", email: "u@example.org", sessionId: "s", accessToken: "a", refreshToken: "r" };
  await mkdir(own, { recursive: true });
  await writeFile(join(own, "session.json"), JSON.stringify({ ...session, expiresAtMs: Date.now() + 600_000 }));
}

test("every command has its help", async () => {
  const { code, out } = await run(["--help"]);
  expect(code).toBe(0);
  const names = [...out.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name = ""]) => name);
  const people = ["sign-in", "sign-up", "sign-out", "upload", "ask", "search", "files", "status"];
  expect(names).toEqual([...people, "lag", "dead", "replay", "schemas", "migrate", "role", "rotate-keys", "help"]);
  for (const name of names.slice(0, -1)) {
    const help = await run([name, "--help"]);
    expect([help.code, help.out]).toEqual([0, expect.stringMatching(/--json/)]);
  }
});

test.each([
  [[], /Usage: lyceum/],
  [["upload"], /missing required argument 'file'/],
  [["serch", "x"], /Did you mean search/],
  [["search", "x", "--limit", "0"], /whole number from 1 to 100/],
  [["files", "--url", "ftp://x"], /begins with http/],
  [["dead", "list", "x", "y"], /lyceum dead list --help/],
  [["dead", "requeue", "rag"], /Name their ids, or say --all/],
  [["sign-in"], /--email/],
  [["sign-in", "--email", "a@example.org"], /LYCEUM_PASSWORD/],
])("%j is refused with how it is called", async (args, words) => {
  const { code, err } = await run(args);
  expect([code, err]).toEqual([2, expect.stringMatching(words)]);
});

test.each([["upload", "x.md"], ["ask", "why"], ["search", "why"], ["files"]])(
  "%s does nothing for nobody",
  async (...args) => {
    const url = await serve(500, {});
    const { code, err } = await run([...args, "--url", url]);
    expect([code, err]).toEqual([3, `Nobody is signed in to ${url}. Sign in first: lyceum sign-in\n`]);
    const { out } = await run([...args, "--url", url, "--json"]);
    expect(JSON.parse(out).error.reason).toBe("SIGNED_OUT");
  },
);

test("an operator is told what to set, and which services there are", async () => {
  const home = join(folder, "nowhere");
  const { code, err } = await run(["lag"], { LYCEUM_HOME: home });
  expect([code, err]).toEqual([4, expect.stringContaining(`No Lyceum was ever started in ${home}: set LYCEUM_HOME`)]);
  const halves = await run(["migrate", "--json"], { KAFKA_BROKERS: "127.0.0.1:1" });
  expect([halves.code, JSON.parse(halves.out).error]).toMatchObject([
    4,
    { reason: "ENGINE", message: expect.stringContaining("KAFKA_BROKERS needs SCHEMA_REGISTRY_URL") },
  ]);
  const unknown = await run(["lag", "gateway"], { LYCEUM_HOME: home });
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/no service gateway .* Known: identity, /)]);
});

test("an operator's status is told although nothing answers", async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const { code, out } = await run(["status", "--json", "--url", url], { LYCEUM_HOME: join(folder, "nowhere") });
  const { status, platform } = JSON.parse(out);
  expect([code, status]).toEqual([1, "unreachable"]);
  expect(platform.problems).toEqual([
    ...platform.services.map(({ service }: { service: string }) => `${service} does not answer at ${url}.`),
    expect.stringMatching(/^No Lyceum was ever started in /),
  ]);
});

test("files that are not there are named before anything is sent", async () => {
  const url = await serve(500, {});
  await signInTo(url);
  await writeFile(join(folder, "there.md"), "x");
  const { code, err } = await run(["upload", "there.md", "missing.md", "--url", url]);
  expect([code, err]).toEqual([1, `${join(folder, "missing.md")}: there is no such file.\n`]);
  expect((await run(["upload", ".", "--url", url])).err).toMatch(/is no file/);
});

test("a Lyceum that does not answer is told apart, for people and programs", async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const { code, err } = await run(["status", "--url", `${url}/`]);
  expect([code, err]).toEqual([4, expect.stringContaining(`No Lyceum answers at ${url}.`)]);
  const { out } = await run(["status", "--json"], { LYCEUM_URL: url });
  expect(JSON.parse(out).error.reason).toBe("UNREACHABLE");
});

test("a Lyceum that starts, or has lost an engine, is no success", async () => {
  const starting = await run(["status", "--url", await serve(503, { status: "starting", lost: [] })]);
  expect([starting.code, starting.out]).toEqual([1, expect.stringMatching(/is starting\.\n/)]);
  const lost = await run(["status", "--json", "--url", await serve(200, { status: "ready", lost: ["files"] })]);
  expect([lost.code, JSON.parse(lost.out)]).toMatchObject([1, { status: "ready", lost: ["files"], signedIn: null }]);
});

test("a refusal is told in its own words, with the trace where an operator would look it up", async () => {
  const problem = { code: "unavailable", message: "A part of Lyceum cannot be reached; try again." };
  const url = await serve(503, problem);
  await signInTo(url);
  const { code, err } = await run(["files", "--url", url]);
  expect([code, err]).toEqual([4, `${problem.message}\n`]);
});
