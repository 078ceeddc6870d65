import type { IncomingMessage, ServerResponse } from "node:http";

/** Which sites' pages may call. */
export type Origins = {
  /** True for no origin, as programs send none. */
  allows(origin: string | undefined): boolean;
  /**
   * Lets the pages of allowed origins read the answer (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol). Answers
   * preflights, and then is true.
   */
  share(req: IncomingMessage, res: ServerResponse): boolean;
};

/** Allows these origins: nobody else gets a header that says so. No cookies are taken, so none are asked for. */
export function createOrigins(allowed: readonly string[]): Origins {
  const known = new Set(allowed);
  const allows = (origin: string | undefined) => origin === undefined || known.has(origin);
  return {
    allows,
    share(req, res) {
      const { origin } = req.headers;
      res.setHeader("vary", "origin");
      const isPreflight = req.method === "OPTIONS" && req.headers["access-control-request-method"] !== undefined;
      if (origin !== undefined && known.has(origin)) {
        res.setHeader("access-control-allow-origin", origin);
        if (isPreflight) res.writeHead(204, preflightHeaders).end();
        else res.setHeader("access-control-expose-headers", exposedHeaders);
        return isPreflight;
      }
      if (isPreflight) res.writeHead(403, { "content-length": 0 }).end();
      return isPreflight;
    },
  };
}

/** The page's own origins: its public address, and this machine's names at the port. */
export function ownOrigins(publicUrl: string, port: number): string[] {
  return [new URL(publicUrl).origin, `http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://[::1]:${port}`];
}

const requestHeaders = [
  "Authorization, Content-Type, Accept-Language, Range, If-Range, If-Match, If-None-Match, If-Modified-Since, Last-Event-ID",
  "Traceparent, Tracestate, X-Requested-With, X-User-Agent",
  // Connect and gRPC-Web
  "Connect-Protocol-Version, Connect-Timeout-Ms, Connect-Accept-Encoding, Connect-Content-Encoding",
  "Grpc-Timeout, X-Grpc-Web",
  // tus
  "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, Upload-Defer-Length, Upload-Concat",
  "X-HTTP-Method-Override",
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
