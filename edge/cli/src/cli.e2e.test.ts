import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { openOperator } from "@lyceum/service";
import { eventually, tempFolder } from "@lyceum/testing";
import { type Json, password } from "@lyceum/testing/person.ts";
import { fastStart, type Program, startProgram } from "@lyceum/testing/start-program.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

const main = join(import.meta.dirname, "main.ts");
const tides = "# Tides\n\nSpring tides happen when the sun and the moon pull in line, at new and full moon.\n";

let program: Program;
let folder: string;
let home: string;
let config: string;

beforeAll(async () => {
  folder = await tempFolder();
  config = join(folder, "config");
  home = await tempFolder();
  program = await startProgram(home);
  await writeFile(join(folder, "tides.md"), tides);
  await writeFile(join(folder, "broken.pdf"), "%PDF-1.7\nthis is no pdf");
}, 120_000);
afterAll(() => program?.[Symbol.asyncDispose]());

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the CLI as a process of its own, as a person without a terminal does. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...fastStart, main, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: config, LYCEUM_URL: program.url, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const ended = once(child, "close").then(([code]): Ended => ({ code, out, err }));
  return { child, ended };
}

const run = (args: readonly string[], env?: Record<string, string>) => start(args, env).ended;
const runJson = async (args: readonly string[], env?: Record<string, string>): Promise<Json[]> => {
  const { code, out, err } = await run([...args, "--json"], env);
  expect([code, err]).toEqual([0, ""]);
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
};
const account = { LYCEUM_PASSWORD: password };

/** Files of this deployment that the program keeps. */
async function sessionPath(): Promise<string> {
  const [name = ""] = (await readdir(join(config, "lyceum"))).filter((entry) => !entry.endsWith(".json"));
  return join(config, "lyceum", name, "session.json");
}

test("signing up keeps the session where only the person reads it", async () => {
  const { code, out } = await run(["sign-up", "--email", "ada@example.org", "--name", "Ada"], account);
  expect([code, out]).toEqual([0, `Signed in to ${program.url} as ada@example.org.\n`]);
  const path = await sessionPath();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(config, "lyceum"))).mode & 0o777).toBe(0o700);
});

test("an upload is waited for until it can be asked about, and each failure is told", async () => {
  const { code, out, err } = await run(["upload", "tides.md", "broken.pdf"]);
  expect(code).toBe(1);
  expect(out).toMatch(/^[0-9a-f-]{36} {2}tides\.md {2}ready, 1 passage$/m);
  expect(out).toMatch(/^[0-9a-f-]{36} {2}broken\.pdf {2}failed: \w+/m);
  expect(err).toBe("");
});

test("programs get JSON, and from npm paths are relative to where it was called", async () => {
  await mkdir(join(folder, "notes"));
  await writeFile(
    join(folder, "notes/moon.md"),
    "# Moon\n\nThe phases of the moon are new, crescent, half and full.\n",
  );
  const { code, out } = await run(["upload", "moon.md", "--json"], { INIT_CWD: join(folder, "notes") });
  const { file, document } = JSON.parse(out);
  expect([code, file.name, document.state]).toEqual([0, "moon.md", "DOCUMENT_STATE_READY"]);
  const { files } = (await runJson(["files"]))[0];
  expect(files.map(({ name }: Json) => name).toSorted()).toEqual(["broken.pdf", "moon.md", "tides.md"]);
});

test("an answer comes with its sources", async () => {
  const { code, out } = await run(["ask", "When do spring tides happen?"]);
  expect(code).toBe(0);
  expect(out).toMatch(/new and full moon.* \[1\]/);
  expect(out).toMatch(/^Sources\n\[1\] tides\.md, Tides\n {4}“Spring tides happen .*”$/m);
});

test("an answer about one file is streamed to programs event by event", async () => {
  const [{ passages }] = await runJson(["search", "phases of the moon"]);
  const moon = passages.find(({ fileName }: Json) => fileName === "moon.md").fileId;
  const events = await runJson(["ask", "Which phases has the moon?", "--file", moon]);
  expect(Object.keys(events[0])).toEqual(["retrieved"]);
  expect(events.at(-1).done.finishReason).toBe("FINISH_REASON_STOP");
  expect(events.filter(({ citation }) => citation).map(({ citation }) => citation.fileId)).toEqual([moon]);
});

test("the status tells who is signed in where", async () => {
  const { code, out } = await run(["status"]);
  expect(code).toBe(0);
  expect(out).toContain(`The Lyceum at ${program.url} is ready.\nSigned in as ada@example.org.\n`);
});

test("an operator sees every part of the installation, and each that is wrong", async () => {
  const [{ signedIn, platform }] = await runJson(["status"], program.operator);
  expect([signedIn.email, platform.problems]).toEqual(["ada@example.org", []]);
  for (const { service, state, version, engines } of platform.services) {
    expect([service, state, version]).toEqual([service, "ready", expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
    expect(engines.map(({ name }: Json) => name)).toContain(
      service === "gateway" ? "the event log" : `the database of ${service}`,
    );
  }
  expect(platform.groups).toContainEqual({ group: "rag", behind: 0, parked: 0, dead: 0 });
  const away = { FILES_DATABASE_URL: "postgres://lyceum@127.0.0.1:1/files", CHAT_URL: "http://127.0.0.1:1" };
  const wrong = await run(["status"], { ...program.operator, ...away });
  expect(wrong.code).toBe(1);
  expect(wrong.out).toMatch(/^rag +ready +.+the database of rag: /m);
  expect(wrong.out).toMatch(/^rag +0 +0 +0$/m);
  expect(wrong.out).toContain("! chat does not answer at http://127.0.0.1:1.\n");
  expect(wrong.out).toMatch(/^! .+the database of files \(FILES_DATABASE_URL\)/m);
});

test("an operator sees how the installation stands, by its variables alone", async () => {
  const [lag, schemas, migrated] = await Promise.all([
    runJson(["lag", "rag"], program.operator),
    run(["schemas", "check"], program.operator),
    run(["migrate"], program.operator),
  ]);
  const [{ partitions }] = lag[0].services;
  expect(partitions.map(({ topic, partition }: Json) => `${topic}/${partition}`)).toContain("ingest.v1/0");
  expect(partitions.every(({ group, behind, dead }: Json) => group === "rag" && behind === 0 && dead === 0)).toBe(true);
  expect([schemas.code, schemas.out]).toEqual([0, expect.stringMatching(/^\d\d registered, 0 new, 0 refused\.$/m)]);
  expect([migrated.code, migrated.out]).toEqual([0, "All databases are up to date.\n"]);
});

test("what a service cannot read is shown with its cause, and tried again when asked for", async () => {
  await using operator = openOperator(program.operator);
  const body = Buffer.from("000000ffff00", "hex");
  const envelope = { source: "files", time: new Date(), traceparent: undefined, key: "k", body };
  await (await operator.openEvents()).publish([
    { ...envelope, id: "poison", topic: "files.v1", type: "lyceum.files.v1.FilePurged" },
  ]);
  await eventually(async () => {
    const [{ events }] = await runJson(["dead", "list", "rag", "--parked"], program.operator);
    expect(events).toMatchObject([
      { id: "poison", service: "rag", key: "k", behind: 0, cause: "There is no schema 65535 in the registry." },
    ]);
  });
  const [shown, again] = await Promise.all([
    run(["dead", "show", "rag", "poison"], program.operator),
    run(["dead", "requeue", "rag", "poison"], program.operator),
  ]);
  expect([shown.code, shown.out]).toEqual([0, expect.stringContaining("There is no schema 65535 in the registry.\n")]);
  expect([again.code, again.out]).toEqual([
    1,
    "Requeued: 1.\npoison failed again: There is no schema 65535 in the registry.\n",
  ]);
});

test("a replay builds the index anew, a poisoned event or not", async () => {
  const replayed = await run(["replay", "rag"], program.operator);
  expect([replayed.code, replayed.out]).toEqual([
    0,
    expect.stringMatching(/^Generation 1 of rag serves, built of \d+ events\.$/m),
  ]);
  expect((await run(["search", "spring tides"])).out).toContain("tides.md, Tides");
});

test("several processes that renew a session at once all keep it", async () => {
  const path = await sessionPath();
  const session = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...session, expiresAtMs: 0 }));
  const codes = await Promise.all([1, 2, 3].map(async () => (await run(["files"])).code));
  expect(codes).toEqual([0, 0, 0]);
  const renewed = JSON.parse(await readFile(path, "utf8"));
  expect(renewed.refreshToken).not.toBe(session.refreshToken);
  expect(renewed.expiresAtMs).toBeGreaterThan(Date.now());
});

test("Ctrl-C ends it at once", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const { child, ended } = start(["status", "--url", `http://127.0.0.1:${port}`]);
  const [socket] = await once(silent, "connection");
  child.kill("SIGINT");
  expect((await ended).code).toBe(130);
  socket.destroy();
  silent.close();
});

test("signing out ends the session; a wrong password begins none", async () => {
  expect((await run(["sign-out"])).out).toBe(`Signed out of ${program.url}.\n`);
  expect((await run(["files"])).code).toBe(3);
  const wrong = await run(["sign-in", "--email", "ada@example.org"], { LYCEUM_PASSWORD: "not the password" });
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/password/)]);
  expect((await run(["sign-in", "--email", "ADA@example.org"], account)).code).toBe(0);
});

test("an operator makes the first admin of a running Lyceum, who signs in again", async () => {
  const operator = program.operator;
  const stranger = await run(["role", "nobody@example.org", "admin"], operator);
  expect([stranger.code, stranger.err]).toEqual([1, expect.stringContaining("There is no such account.")]);
  const made = await run(["role", "ADA@example.org", "admin"], operator);
  expect([made.code, made.out]).toEqual([0, expect.stringContaining("ada@example.org is now admin.")]);
  await eventually(async () => expect((await run(["files"])).code).not.toBe(0));
  expect((await run(["sign-in", "--email", "ada@example.org"], account)).code).toBe(0);
  const { accessToken } = JSON.parse(await readFile(await sessionPath(), "utf8"));
  const headers = { authorization: `Bearer ${accessToken}` };
  const users = await fetch(`${program.url}/v1/admin/users?role=admin`, { headers });
  expect(await users.json()).toMatchObject({ users: [{ email: "ada@example.org", roles: ["admin"] }] });
  const last = await run(["role", "ada@example.org", "user"], operator);
  expect([last.code, last.err]).toEqual([1, expect.stringContaining("last admin")]);
  expect((await run(["rotate-keys"], operator)).code).toBe(0);
});
