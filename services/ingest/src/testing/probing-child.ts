/** Tries what a parser must not be able to do, and prints what came of it. */
import { readFileSync, writeFileSync, writeSync } from "node:fs";

const path = readFileSync(0, "utf8");
const { port, elsewhere, pastLink } = JSON.parse(readFileSync(path, "utf8"));
const outcomes: Record<string, string> = {};

async function attempt(what: string, work: () => unknown): Promise<void> {
  try {
    await work();
    outcomes[what] = "done";
  } catch {
    outcomes[what] = "refused";
  }
}

await attempt("read own file", () => readFileSync(path));
await attempt("read elsewhere", () => readFileSync(elsewhere));
await attempt("read past a link", () => readFileSync(pastLink));
await attempt("read /etc/passwd", () => readFileSync("/etc/passwd"));
await attempt("write elsewhere", () => writeFileSync(elsewhere, "x"));
await attempt("write own file", () => writeFileSync(path, "x"));
await attempt("fetch", () => fetch(`http://127.0.0.1:${port}`));
await attempt("net", async () => (await import("node:net")).connect(port, "127.0.0.1"));
await attempt("http", async () => (await import("node:http")).get(`http://127.0.0.1:${port}`));
await attempt("dns", async () => (await import("node:dns/promises")).lookup("localhost"));
await attempt("dgram", () => process.getBuiltinModule("dgram").createSocket("udp4"));
await attempt("child process", async () => (await import("node:child_process")).spawnSync("true"));
await attempt("worker", async () => new (await import("node:worker_threads")).Worker("1", { eval: true }));
await attempt("eval", () => new Function("return 1")());
writeSync(1, JSON.stringify(outcomes));
