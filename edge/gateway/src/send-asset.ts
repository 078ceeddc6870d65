import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** Something small that is served from memory. */
export type Asset = {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes in gzip. */
  readonly zipped: () => Promise<Buffer>;
};

/** Keeps a text with its tag; it is zipped once, when first asked for so. */
export function createAsset(text: string, headers: Readonly<Record<string, string>>): Asset {
  const bytes = Buffer.from(text);
  let zipped: Promise<Buffer> | undefined;
  return {
    bytes,
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
    headers: { "cache-control": "no-cache", vary: "origin, accept-encoding", ...headers },
    zipped: () => {
      zipped ??= promisify(gzip)(bytes);
      return zipped;
    },
  };
}

/** Answers GET and HEAD; 304 to a client that has it already. */
export async function sendAsset(req: IncomingMessage, res: ServerResponse, asset: Asset): Promise<void> {
  const isZipped = acceptsGzip(req);
  // What is compressed otherwise is another representation, and so has another tag (RFC 9110 §8.8.3).
  const etag = isZipped ? asset.etag.replace(/"$/, '-gzip"') : asset.etag;
  for (const [name, value] of Object.entries({ ...asset.headers, etag })) res.setHeader(name, value);
  if (req.headers["if-none-match"] === etag) {
    res.writeHead(304).end();
    return;
  }
  if (isZipped) res.setHeader("content-encoding", "gzip");
  const body = isZipped ? await asset.zipped() : asset.bytes;
  res.writeHead(200, { "content-length": body.length });
  res.end(req.method === "HEAD" ? undefined : body);
}

/** True if a client takes gzip. */
export function acceptsGzip(req: IncomingMessage): boolean {
  return /\bgzip\b/.test(String(req.headers["accept-encoding"]));
}
