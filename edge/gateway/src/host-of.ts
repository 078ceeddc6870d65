import type { IncomingMessage } from "node:http";

/** The host, and the port if it is no usual one, that a request is sent to. */
export function hostOf({ headers }: IncomingMessage): string {
  return String(headers[":authority"] ?? headers.host).toLowerCase();
}
