import { isIP } from "node:net";

/** Whom passkeys are made for (WebAuthn's relying party). */
export type RelyingParty = { readonly id: string; readonly origin: string };

/**
 * The relying party at a public address. Undefined where browsers make no passkeys: at an IP address, and without TLS anywhere
 * but on the machine itself.
 */
export function relyingPartyAt(publicUrl: string): RelyingParty | undefined {
  const { protocol, hostname, origin } = new URL(publicUrl);
  if (isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return undefined;
  const isLocal = hostname === "localhost" || hostname.endsWith(".localhost");
  return protocol === "https:" || isLocal ? { id: hostname, origin } : undefined;
}
