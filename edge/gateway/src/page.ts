import { createReadStream, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { documentHeaders } from "./security-headers.ts";
import { acceptsGzip } from "./send-asset.ts";

/**
 * Serves the built page: its files, and `index.html` for navigations to any other path, since the page routes by itself.
 * Takes GET and HEAD; resolves to false if there is nothing to serve for the path. Headers let nothing run or load from
 * elsewhere.
 */
export function createPage(
  folder: string,
  filesOrigin?: string,
): (req: IncomingMessage, res: ServerResponse, path: string) => Promise<boolean> {
  const zip = createZipper();
  const headers = pageHeaders(filesOrigin);
  return async (req, res, path) => {
    const file = await findFile(folder, path);
    if (file) return sendFile(req, res, file, zip, headers);
    // A missing asset must not be answered with the page: browsers would run it as what they asked for.
    if (extname(path) !== "" || !(req.headers.accept ?? "").includes("text/html")) return false;
    const index = await findFile(folder, "/index.html");
    if (index) return sendFile(req, res, index, zip, headers);
    res.writeHead(503, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", ...headers });
    res.end(req.method === "HEAD" ? undefined : missingPage);
    return true;
  };
}

type FoundFile = { path: string; stats: Stats; isHashed: boolean };

const missingPage = `<!doctype html><title>Lyceum</title><p>The page is not built yet: run <code>npm run build</code>, then reload.</p>\n`;

/** WebAssembly and blob workers are for the PDF viewer. People's files are shown from their own origin where there is one. */
function pageHeaders(filesOrigin = ""): Readonly<Record<string, string>> {
  return documentHeaders({
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "img-src": `'self' data: blob: ${filesOrigin}`.trim(),
    "media-src": `'self' blob: ${filesOrigin}`.trim(),
    "connect-src": `'self' ${filesOrigin}`.trim(),
  });
}

const mediaTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

const compressible = new Set([".html", ".js", ".mjs", ".css", ".json", ".map", ".svg", ".txt", ".wasm"]);

async function findFile(folder: string, path: string): Promise<FoundFile | undefined> {
  const decoded = decodePath(path);
  const file = decoded === undefined ? undefined : join(folder, decoded === "/" ? "index.html" : decoded);
  if (!file?.startsWith(folder + sep)) return undefined;
  const stats = await stat(file).catch(() => undefined);
  // The build names what lies in assets after its content.
  return stats?.isFile() ? { path: file, stats, isHashed: file.startsWith(join(folder, "assets") + sep) } : undefined;
}

function decodePath(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes("\0") ? undefined : decoded;
  } catch {
    return undefined;
  }
}

type Zip = (path: string, etag: string) => Promise<Buffer>;

/** Zips each version of a file once: asking for it again and again must not cost a processor. */
function createZipper(): Zip {
  const zipped = new Map<string, { etag: string; bytes: Promise<Buffer> }>();
  return (path, etag) => {
    const known = zipped.get(path);
    if (known?.etag === etag) return known.bytes;
    const bytes = readFile(path).then((content) => promisify(gzip)(content));
    bytes.catch(() => zipped.delete(path));
    zipped.set(path, { etag, bytes });
    return bytes;
  };
}

async function sendFile(
  req: IncomingMessage,
  res: ServerResponse,
  { path, stats, isHashed }: FoundFile,
  zip: Zip,
  securityHeaders: Readonly<Record<string, string>>,
): Promise<true> {
  const extension = extname(path);
  const isZipped = compressible.has(extension) && acceptsGzip(req);
  const etag = `W/"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}"`;
  const headers = {
    ...securityHeaders,
    etag,
    "content-type": mediaTypes[extension] ?? "application/octet-stream",
    "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    ...(compressible.has(extension) ? { vary: "origin, accept-encoding" } : {}),
  };
  if (req.headers["if-none-match"] === etag) {
    res.writeHead(304, headers).end();
    return true;
  }
  if (isZipped) {
    const bytes = await zip(path, etag);
    res.writeHead(200, { ...headers, "content-encoding": "gzip", "content-length": bytes.length });
    res.end(req.method === "HEAD" ? undefined : bytes);
    return true;
  }
  res.writeHead(200, { ...headers, "content-length": stats.size });
  if (req.method === "HEAD") res.end();
  // A client that went away is no one's error.
  else await pipeline(createReadStream(path), res).catch(() => res.destroy());
  return true;
}
