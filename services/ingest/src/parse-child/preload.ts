/**
 * Loaded into the parse child before anything else: whoever asks for the network, in any way JavaScript has, gets an error
 * (what lies below JavaScript is cut off by the network namespace, where the machine allows one), and what libraries print
 * goes nowhere, since standard output carries the replies.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { Writable } from "node:stream";

const require = createRequire(import.meta.url);
const closed = [
  "net",
  "tls",
  "http",
  "https",
  "http2",
  "dns",
  "dns/promises",
  "dgram",
  "cluster",
  "child_process",
  "worker_threads",
  "inspector",
];

function refuse(): never {
  throw new Error("A parser has no network.");
}

// First: Node opens these by the modules closed below, when anything looks at them.
Object.defineProperty(process, "stdin", { value: undefined });
for (const name of ["stdout", "stderr"]) {
  Object.defineProperty(process, name, { value: new Writable({ write: (_chunk, _encoding, done) => done() }) });
}

for (const name of closed) {
  const module = require(`node:${name}`) as Record<string, unknown>;
  for (const key of Object.keys(module)) {
    if (typeof module[key] !== "function") continue;
    Object.defineProperty(module, key, { value: refuse, configurable: false, writable: false });
  }
}
syncBuiltinESMExports();

for (const name of ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"]) {
  Object.defineProperty(globalThis, name, { value: refuse, configurable: false, writable: false });
}
Object.defineProperty(process, "binding", { value: refuse });
Object.defineProperty(process, "_linkedBinding", { value: refuse });
