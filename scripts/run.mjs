#!/usr/bin/env node
// Runs a script of this checkout: `node scripts/run.mjs [--page] <file> [arguments]`. Installs what is missing first, and
// fetches Node 24 from npm where the machine's is older, so it is plain JavaScript that Node 18 understands and uses no package.
// `--page` also builds the page where its sources are newer than its last build.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajor = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const withPage = args[0] === "--page" && Boolean(args.shift());

const node = findNode() ?? fetchNode();
const env = {
  // Passwords are hashed and files read on these threads.
  UV_THREADPOOL_SIZE: "16",
  ...process.env,
  PATH: [dirname(node), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
};
install();
if (withPage) buildPage();
start();

function say(text) {
  process.stderr.write(`${text}\n`);
}

function giveUp(text) {
  say(text);
  process.exit(1);
}

function findNode() {
  const own = Number(process.versions.node.split(".")[0]);
  if (own >= nodeMajor) return process.execPath;
  const fetched = fetchedNode();
  return existsSync(fetched) && spawnSync(fetched, ["--version"]).status === 0 ? fetched : undefined;
}

function nodePackage() {
  const platform = process.platform === "win32" ? "win" : process.platform;
  // The npm packages of Node for Apple silicon carry another prefix than all others.
  return `${platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${platform}-${process.arch}`;
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "lyceum", `node-${nodeMajor}`);
}

function fetchedNode() {
  const binary = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  return join(cacheFolder(), "node_modules", nodePackage(), binary);
}

function fetchNode() {
  say(`Fetching Node ${nodeMajor} (this machine has ${process.versions.node})…`);
  mkdirSync(cacheFolder(), { recursive: true });
  const done = npm(process.execPath, [
    "install",
    "--prefix",
    cacheFolder(),
    "--no-save",
    `${nodePackage()}@${nodeMajor}`,
  ]);
  if (!done || !existsSync(fetchedNode())) {
    giveUp(
      `Node ${nodeMajor} could not be fetched from npm: check the network, or install Node ${nodeMajor} or newer yourself.`,
    );
  }
  return fetchedNode();
}

function npm(runtime, npmArgs, options = {}) {
  const cli = process.env.npm_execpath ?? findNpm();
  const quiet = ["--no-audit", "--no-fund", "--loglevel", "error"];
  return spawnSync(runtime, [cli, ...npmArgs, ...quiet], { stdio: ["ignore", 2, 2], ...options }).status === 0;
}

function findNpm() {
  const beside = [
    join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js"),
    join(dirname(process.execPath), "node_modules/npm/bin/npm-cli.js"),
  ];
  return beside.find((path) => existsSync(path)) ?? giveUp("npm was not found: call this through `npm run`.");
}

// The marker is written last, so an install that was cut off is done again.
function install() {
  const marker = join(root, "node_modules/.lyceum-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform} ${process.arch}`)
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  say("Installing packages… (the first time this takes a minute)");
  rmSync(marker, { force: true });
  if (!npm(node, ["install", "--no-save"], { cwd: root, env })) {
    giveUp(
      "The packages could not be installed: check the network and the free space, then run the same command again.",
    );
  }
  writeFileSync(marker, wanted);
}

function buildPage() {
  const built = join(root, "edge/web/dist/.built-from");
  const wanted = fingerprint(["edge/web", "edge/client", "gen/proto", "package-lock.json"]);
  if (existsSync(built) && readFileSync(built, "utf8") === wanted) return;
  say("Building the page…");
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const { status, stdout, stderr } = spawnSync(node, [vite, "build", "--logLevel", "warn"], {
    cwd: join(root, "edge/web"),
    env,
  });
  if (status !== 0) giveUp(`The page could not be built:\n${stdout}${stderr}`);
  writeFileSync(built, wanted);
}

function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((path) => listFiles(join(root, path)))) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest("hex");
}

function listFiles(path) {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).filter(
    ({ name }) => name !== "node_modules" && name !== "dist",
  );
  return entries.flatMap(({ name }) => listFiles(join(path, name))).sort();
}

function start() {
  const [file, ...rest] = args;
  // The default young generation of V8 costs some 100 MB of idle memory.
  const fastStart = ["--import", new URL("fast-start.mjs", import.meta.url).href];
  const child = spawn(node, ["--max-semi-space-size=16", ...fastStart, join(root, file), ...rest], {
    cwd: root,
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // The child hears a terminal's Ctrl-C itself; a signal sent to this process alone is passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  child.on("error", (error) => giveUp(`${file} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1)));
}

// An npm that was killed can pass nothing on; what it started must not outlive it. Between npm and this process is a shell.
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event !== "start" || process.platform === "win32") return;
  const npm = Number(spawnSync("ps", ["-o", "ppid=", "-p", `${process.ppid}`], { encoding: "utf8" }).stdout);
  if (!(npm > 1)) return;
  setInterval(() => isAlive(npm) || child.kill("SIGTERM"), 500);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
