import type { IncomingMessage, ServerResponse } from "node:http";
import { isIPv4, isIPv6 } from "node:net";
import { Code } from "@connectrpc/connect";
import { clientAddressHeader, fail, type HttpRoute } from "@lyceum/service";
import { escapeHtml } from "../mail/escape-html.ts";
import type { Outbox } from "../mail/index.ts";

/**
 * `GET /dev/mail`: the mails that were kept instead of being sent. There only where no mail server is named and Lyceum's public
 * address is this machine, so never in production; and only for calls made on this machine, by one of its own names.
 */
export function devMail(outbox: Outbox | undefined, publicUrl: string): HttpRoute[] {
  if (!outbox || !isThisMachine(new URL(publicUrl).hostname)) return [];
  return [
    {
      method: "GET",
      path: "/dev/mail",
      access: "public",
      operation: { operationId: "IdentityService_DevMail", responses: { "200": { description: "The mails." } } },
      async handle({ req, res }) {
        if (!isLocalCall(req)) throw fail(Code.NotFound, "UNKNOWN_PATH", "Nothing is served at this path.");
        const mails = await outbox.list();
        if (/\bjson\b/.test(req.headers.accept ?? "")) answer(res, "application/json", JSON.stringify({ mails }));
        else answer(res, "text/html; charset=utf-8", toPage(mails));
      },
    },
  ];
}

/** A name that leads nowhere else, so that no other site's page can read this one by giving its own name this machine's address. */
function isLocalCall({ socket, headers }: IncomingMessage): boolean {
  const host = String(headers[":authority"] ?? headers.host ?? "");
  return (
    isLoopback(socket.remoteAddress ?? "") &&
    // A gateway in another process of this machine passes on whose call it is.
    isLoopback(String(headers[clientAddressHeader] ?? socket.remoteAddress)) &&
    headers["x-forwarded-for"] === undefined &&
    headers.forwarded === undefined &&
    URL.canParse(`http://${host}`) &&
    isThisMachine(new URL(`http://${host}`).hostname)
  );
}

function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return (isIPv4(plain) && plain.startsWith("127.")) || (isIPv6(plain) && plain === "::1");
}

function answer(res: ServerResponse, type: string, body: string): void {
  res.writeHead(200, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
  });
  res.end(body);
}

function toPage(mails: Awaited<ReturnType<Outbox["list"]>>): string {
  const articles = mails.map(
    ({ to, subject, text, time }) =>
      `<article><h2>${escapeHtml(subject)}</h2><p>to ${escapeHtml(to)}, <time>${escapeHtml(time)}</time></p><pre>${linked(text)}</pre></article>`,
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail · Lyceum</title>',
    '<meta name="viewport" content="width=device-width">',
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1c2430}",
    "article{border-top:1px solid #ccd3dc;padding:1rem 0}h2{margin:0;font-size:1.1rem}p{margin:0;color:#5a6675}",
    "pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;margin:.75rem 0 0}</style>",
    "<h1>Mail that was not sent</h1><p>IDENTITY_SMTP_URL is not set, so mails are kept here.</p>",
    ...(articles.length > 0 ? articles : ["<p>There is none yet.</p>"]),
    "</html>",
  ].join("\n");
}

function linked(text: string): string {
  return escapeHtml(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}
