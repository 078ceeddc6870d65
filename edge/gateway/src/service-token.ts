import type { IncomingMessage } from "node:http";

/**
 * Takes a service token off a request: such tokens are for calls between services, so from outside their bearer is nobody.
 * They are told by their audience, which for access tokens is `lyceum`; what else is in the header is left for the service
 * to check.
 */
export function dropServiceToken(req: IncomingMessage): void {
  const { authorization } = req.headers;
  if (authorization !== undefined && isOfService(authorization)) delete req.headers.authorization;
}

const known = new Map<string, boolean>();
const maxKnown = 1_000;
const maxKnownLength = 2_000;

/** A person's token comes with every call of theirs: it is read once. */
function isOfService(authorization: string): boolean {
  const kept = known.get(authorization);
  if (kept !== undefined) return kept;
  const payload = /^bearer\s+[^.\s]+\.([^.\s]+)\./i.exec(authorization)?.[1];
  const answer = payload !== undefined && audienceOf(payload) !== "lyceum";
  if (known.size >= maxKnown) known.clear();
  if (authorization.length <= maxKnownLength) known.set(authorization, answer);
  return answer;
}

function audienceOf(payload: string): unknown {
  try {
    return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { aud?: unknown } | null)?.aud;
  } catch {
    return undefined;
  }
}
