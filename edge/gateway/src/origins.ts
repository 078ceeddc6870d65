import type { IncomingMessage, ServerResponse } from "node:http";
import { hostOf } from "./host-of.ts";

/** Which sites' pages may call. */
export type Origins = {
  /** True for no origin, as programs send none. */
  allows(origin: string | undefined): boolean;
  /**
   * True if the browser says that a request by cookie is made by a page of ours or an allowed one, or by the person at the
   * address bar. Where it says nothing, only GET and HEAD may pass, which change nothing, and no handshake of a WebSocket.
   */
  mayUseCookie(req: IncomingMessage): boolean;
  /**
   * Lets the pages of allowed origins read the answer (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). Answers
   * preflights, and then is true.
   */
  share(req: IncomingMessage, res: ServerResponse): boolean;
};

/** Allows these origins: nobody else gets a header that says so. Cookies are for those of them that are of the same site. */
export function createOrigins(allowed: readonly string[], { publicUrl, filesOrigin }: OriginOptions): Origins {
  const known = new Set(allowed);
  const { protocol } = new URL(publicUrl);
  // Lyceum may be reached at an address that nobody told it, and then has that address's cookies alone.
  const isSame = (origin: string, req: IncomingMessage) =>
    origin === `${protocol}//${hostOf(req)}` && origin !== filesOrigin;
  return {
    allows: (origin) => origin === undefined || known.has(origin),
    mayUseCookie(req) {
      const { origin, "sec-fetch-site": site } = req.headers;
      if (site === "cross-site") return false;
      if (origin !== undefined) return known.has(origin) || isSame(origin, req);
      return site === "same-origin" || (site !== "same-site" && isPlainRead(req));
    },
    share(req, res) {
      const { origin } = req.headers;
      res.setHeader("vary", "origin");
      const isPreflight = req.method === "OPTIONS" && req.headers["access-control-request-method"] !== undefined;
      if (origin !== undefined && known.has(origin)) {
        res.setHeader("access-control-allow-origin", origin);
        res.setHeader("access-control-allow-credentials", "true");
        if (isPreflight) res.writeHead(204, preflightHeaders).end();
        else res.setHeader("access-control-expose-headers", exposedHeaders);
        return isPreflight;
      }
      if (isPreflight) res.writeHead(403, { "content-length": 0 }).end();
      return isPreflight;
    },
  };
}

/** Where Lyceum is, beside what is allowed. */
export type OriginOptions = { readonly publicUrl: string; readonly filesOrigin: string | undefined };

function isPlainRead({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && headers.upgrade === undefined;
}

/** The page's own origins: its public address, and this machine's names at the port. */
export function ownOrigins(publicUrl: string, port: number): string[] {
  return [new URL(publicUrl).origin, `http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`];
}

const requestHeaders = [
  "Authorization, Content-Type, Accept-Language, Range, If-Range, If-Match, If-None-Match, If-Modified-Since, Last-Event-ID",
  "Traceparent, Tracestate, X-Requested-With, X-User-Agent, Lyceum-Session",
  // Connect and gRPC-Web
  "Connect-Protocol-Version, Connect-Timeout-Ms, Connect-Accept-Encoding, Connect-Content-Encoding",
  "Grpc-Timeout, X-Grpc-Web",
  // tus
  "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, Upload-Defer-Length, Upload-Concat",
];

const answerHeaders = [
  "Content-Length, Content-Range, Content-Disposition, Content-Encoding, Accept-Ranges, ETag, Last-Modified, Location",
  "Retry-After, Lyceum-Trace-Id, Lyceum-File-Id",
  "Connect-Content-Encoding, Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin",
  "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm",
  "Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, Upload-Expires, Upload-Defer-Length",
];

const exposedHeaders = answerHeaders.join(", ");

const preflightHeaders = {
  "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
  "access-control-allow-headers": requestHeaders.join(", "),
  "access-control-max-age": "7200",
  vary: "origin, access-control-request-method, access-control-request-headers",
};
