import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ParsingLimits } from "./limits.ts";

const preload = new URL("../parse-child/preload.ts", import.meta.url).href;
// Nothing of the service's own environment, which holds keys, reaches the child.
const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/** What V8 reserves counts as data before it is used: about 600 MiB in an idle process. */
const spareBytes = 2 ** 30;

/**
 * Starts `entry` as a child that may read its own code and `folder`, and nothing else: no writing, no processes, no network,
 * capped memory and processor time. What the machine's tools add (`unshare`, `setpriv`) is used where it works.
 */
export async function startSandboxed(entry: URL, folder: string, limits: ParsingLimits): Promise<ChildProcess> {
  const wrappers = await findWrappers();
  const dataKb = Math.round((limits.maxMemoryBytes + spareBytes) / 1024);
  const cpuSeconds = Math.ceil((limits.fileTimeoutMs * 2) / 1000);
  const caps = ["sh", "-c", `ulimit -d ${dataKb}; ulimit -t ${cpuSeconds}; exec "$@"`, "sh"];
  const isPosix = process.platform !== "win32";
  const [command = process.execPath, ...args] = [
    ...wrappers,
    ...(isPosix ? caps : []),
    process.execPath,
    "--permission",
    ...readable(entry, folder).map((path) => `--allow-fs-read=${path}`),
    `--max-old-space-size=${Math.round(limits.maxMemoryBytes / 2 / 2 ** 20)}`,
    "--disallow-code-generation-from-strings",
    "--disable-warning=ExperimentalWarning",
    "--import",
    preload,
    fileURLToPath(entry),
  ];
  return spawn(command, args, { stdio: ["pipe", "pipe", "ignore"], env, windowsHide: true });
}

/** The code the child runs, and the folder in which it finds its file. */
function readable(entry: URL, folder: string): string[] {
  const own = fileURLToPath(new URL("../..", import.meta.url));
  const packages = packageFolders(
    [
      "unpdf",
      "pdfjs-dist",
      "unified",
      "remark-parse",
      "remark-gfm",
      "htmlparser2",
      "yauzl",
      "postal-mime",
      "chardet",
      "@lyceum/text",
    ],
    own,
  );
  return [...packages, own, fileURLToPath(new URL(".", entry)), folder].map(withSlash);
}

/**
 * The folders of these packages and of all they depend on. Never the whole of node_modules: Node compares paths by their
 * letters, so past a link to a workspace, `..` would lead to everything around that workspace.
 */
function packageFolders(names: readonly string[], from: string, found = new Set<string>()): Set<string> {
  for (const name of names) {
    const parents = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
    const folder = parents.map((parent) => join(parent, name)).find((path) => existsSync(join(path, "package.json")));
    if (!folder || found.has(folder)) continue;
    const real = realpathSync(folder);
    found.add(folder).add(real);
    const { dependencies = {} } = JSON.parse(readFileSync(join(real, "package.json"), "utf8"));
    packageFolders(Object.keys(dependencies), real, found);
  }
  return found;
}

const withSlash = (path: string) => (path.endsWith("/") ? path : `${path}/`);

let wrappers: Promise<string[]> | undefined;

/** The tools that end a child with its parent and take its network away, as far as they work here. Asked once. */
function findWrappers(): Promise<string[]> {
  wrappers ??= Promise.all([
    firstThatWorks([["setpriv", "--pdeathsig", "KILL"]]),
    firstThatWorks([
      ["unshare", "-n"],
      ["unshare", "-rn"],
    ]),
  ]).then((found) => found.flat());
  return wrappers;
}

async function firstThatWorks(candidates: readonly string[][]): Promise<string[]> {
  for (const candidate of candidates) if (await works(candidate)) return candidate;
  return [];
}

function works([command = "", ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = spawn(command, [...args, "true"], { stdio: "ignore", env, timeout: 5_000 });
    probe.on("error", () => resolve(false));
    probe.on("exit", (code) => resolve(code === 0));
  });
}
