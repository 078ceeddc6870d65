import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { freeDatabases, tempFolder } from "@lyceum/testing";
import { openDatabaseRelay } from "@lyceum/testing/relay.ts";
import { fastStart, findFreePort } from "@lyceum/testing/start-program.ts";
import { expect, onTestFinished, test } from "vitest";
import { defineEcho } from "./echo-definition.testing.ts";
import { makeServiceKeys } from "./make-service-keys.ts";
import { startProcess } from "./process.ts";

const main = join(import.meta.dirname, "echo-main.testing.ts");

async function goodEnvironment(): Promise<Record<string, string>> {
  const [home, databases] = await Promise.all([tempFolder(), freeDatabases([defineEcho("files")])]);
  return { PORT: "0", HOST: "127.0.0.1", LYCEUM_HOME: home, ...databases, ...(await makeServiceKeys()) };
}

type Program = {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  exited: Promise<{ code: number | null; signal: string | null }>;
  /** Resolves once stdout has what is looked for. */
  printed(text: string): Promise<void>;
};

function start(env: Record<string, string>): Program {
  const child = spawn(process.execPath, [...fastStart, main], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("The pipes are missing.");
  const output = { stdout: "", stderr: "" };
  stdout.on("data", (chunk) => (output.stdout += chunk));
  stderr.on("data", (chunk) => (output.stderr += chunk));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  const printed = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.stdout.includes(text) && resolve();
      stdout.on("data", look);
      child.once("close", () => reject(new Error(`It ended: ${output.stderr}`)));
      look();
    });
  return { child, output, exited, printed };
}

async function failedStart(env: Record<string, string>): Promise<string> {
  const { exited, output } = start(env);
  expect((await exited).code, output.stderr).toBe(1);
  expect(output.stderr.trimEnd().split("\n"), output.stderr).toHaveLength(1);
  return output.stderr;
}

test.each([
  ["PORT", "eighty", "PORT must be a port, 0 to 65535."],
  ["PORT", "70000", "PORT must be a port, 0 to 65535."],
  ["LYCEUM_LOG", "loud", "LYCEUM_LOG must be one of trace, debug, info, warn, error, fatal, silent."],
  ["LYCEUM_PUBLIC_URL", "lyceum", "LYCEUM_PUBLIC_URL must be an http or https URL."],
  ["RAG_URL", "rag:8080", "RAG_URL must be an http or https URL."],
  ["FILES_DATABASE_URL", "mysql://x", "FILES_DATABASE_URL must be a postgres:// URL."],
  ["LYCEUM_SERVICE_KEYS", "{}", "LYCEUM_SERVICE_KEYS does not hold Ed25519 keys as JSON Web Keys."],
  ["DATABASE_MAX_CONNECTIONS", "0", "DATABASE_MAX_CONNECTIONS must be a number of connections, from 1 to 1000."],
  ["FILES_KEY", "", "set FILES_KEY; `npm run keys` makes them all."],
  ["EVENTS_DATABASE_URL", "", "set KAFKA_BROKERS, or EVENTS_DATABASE_URL"],
  ["KAFKA_BROKERS", "127.0.0.1:1", "KAFKA_BROKERS and EVENTS_DATABASE_URL both name an event log: set one of them."],
  ["KAFKA_BROKERS", "kafka", "KAFKA_BROKERS must be host:port, or several with commas between."],
  ["SCHEMA_REGISTRY_URL", "http://127.0.0.1:1", "SCHEMA_REGISTRY_URL is used with KAFKA_BROKERS only"],
  ["HOST", "192.0.2.1", "Nothing can listen on 192.0.2.1"],
])("a wrong %s (%s) ends the start in one sentence", async (name, value, sentence) => {
  const start = startProcess([defineEcho("files")], { env: { ...(await goodEnvironment()), [name]: value } });
  const { name: kind, message } = await start.then(
    () => expect.fail("It started."),
    (error: Error) => error,
  );
  expect([kind, message.split("\n")]).toEqual(["StartError", [expect.stringContaining(sentence)]]);
});

test("a database that refuses its role is named by its variable", async () => {
  const env = await goodEnvironment();
  const refused = new URL(env.FILES_DATABASE_URL as string);
  refused.pathname = "/no_such_database";
  refused.searchParams.set("application_name", "secret");
  const answer = await failedStart({ ...env, FILES_DATABASE_URL: refused.href });
  expect(answer).toContain("FILES_DATABASE_URL");
  expect(answer).not.toContain("secret");
});

test("a start waits for a database that can't be reached, names it, and goes on once it is there", async () => {
  const env = await goodEnvironment();
  const port = await findFreePort();
  const target = env.FILES_DATABASE_URL as string;
  const away = await openDatabaseRelay(target);
  await away.relay[Symbol.asyncDispose]();
  const started = start({ ...env, PORT: `${port}`, FILES_DATABASE_URL: away.url });
  await started.printed("Waiting for the database of files (FILES_DATABASE_URL)");
  const readyz = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect(readyz.status).toBe(503);
  expect(await readyz.json()).toEqual({ status: "starting", lost: ["the database of files (FILES_DATABASE_URL)"] });
  const { relay } = await openDatabaseRelay(target, away.relay.port);
  onTestFinished(() => relay[Symbol.asyncDispose]());
  await started.printed("Ready");
  started.child.kill("SIGTERM");
  expect((await started.exited).code).toBe(0);
});

test("a start waits for Kafka that can't be reached, and names it", async () => {
  const { EVENTS_DATABASE_URL: _, ...env } = await goodEnvironment();
  const [port, away] = [await findFreePort(), await findFreePort()];
  const engines = { KAFKA_BROKERS: `127.0.0.1:${away}`, SCHEMA_REGISTRY_URL: `http://127.0.0.1:${away}` };
  const started = start({ ...env, ...engines, PORT: `${port}` });
  await started.printed("Waiting for Kafka (KAFKA_BROKERS)");
  const readyz = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect(readyz.status).toBe(503);
  expect(await readyz.json()).toEqual({ status: "starting", lost: ["Kafka (KAFKA_BROKERS)"] });
  started.child.kill("SIGTERM");
  expect((await started.exited).code).toBe(0);
});

test("a taken port is named", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  expect(await failedStart({ ...(await goodEnvironment()), PORT: `${port}` })).toContain(`Port ${port} is taken`);
});

test("a LYCEUM_HOME that is no folder is named", async () => {
  const env = await goodEnvironment();
  const LYCEUM_HOME = join(env.LYCEUM_HOME as string, "file");
  writeFileSync(LYCEUM_HOME, "");
  expect(await failedStart({ ...env, LYCEUM_HOME })).toContain(`LYCEUM_HOME ${LYCEUM_HOME} cannot be used`);
});

/** Of a program that was started without the launcher, which sets their number. */
async function countPoolThreads(pid: number | undefined): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const names = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/comm`, "utf8")));
  return names.filter((name) => name.trim() === "libuv-worker").length;
}

test("one process at a time uses a home, a killed one gives it up, and a signal ends it in order", async () => {
  const env = await goodEnvironment();
  const first = start(env);
  await first.printed("Ready: http://localhost:8080");
  expect(await failedStart(env)).toContain(`Lyceum already runs on ${env.LYCEUM_HOME} (process ${first.child.pid})`);
  first.child.kill("SIGKILL");
  await first.exited;
  const second = start(env);
  await second.printed("Ready");
  if (process.platform === "linux") expect(await countPoolThreads(second.child.pid)).toBe(16);
  second.child.kill("SIGTERM");
  expect(await second.exited).toEqual({ code: 0, signal: null });
  await expect(readFile(join(env.LYCEUM_HOME as string, "lyceum.lock"))).rejects.toThrow("ENOENT");
});

test("a process whose parent is gone stops in order", async () => {
  const { child, printed } = start(await goodEnvironment());
  await printed("Ready");
  const ended = once(child, "exit");
  child.disconnect();
  await printed("Stopping");
  expect(await ended).toEqual([0, null]);
});
