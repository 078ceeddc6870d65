import type { IncomingMessage } from "node:http";

/**
 * Takes a service token off a request: such tokens are for calls between services, so from outside their bearer is nobody.
 * They are told by their audience, which for access tokens is `lyceum`; what else is in the header is left for the service
 * to check.
 */
export function dropServiceToken(req: IncomingMessage): void {
  const payload = /^bearer\s+[^.\s]+\.([^.\s]+)\./i.exec(req.headers.authorization ?? "")?.[1];
  if (payload !== undefined && audienceOf(payload) !== "lyceum") delete req.headers.authorization;
}

function audienceOf(payload: string): unknown {
  try {
    return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { aud?: unknown } | null)?.aud;
  } catch {
    return undefined;
  }
}
