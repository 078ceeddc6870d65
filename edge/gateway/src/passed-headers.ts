import { clientAddressHeader } from "@lyceum/service";

/** Those that speak of one connection only (RFC 9110 §7.6.1), and those that Node writes anew. */
const connectionHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
]);

// Whoever calls may not have them dropped: the length of the body, by which the next request is told from it, and what the
// gateway says of the call.
const keptHeaders = new Set(["content-length", clientAddressHeader, "traceparent"]);

type AnyHeaders = Readonly<Record<string, string | string[] | number | undefined>>;

/** The headers of a request or an answer that are for whoever is behind this hop too. */
export function passedHeaders(headers: AnyHeaders): Record<string, string | string[] | undefined> {
  const named = String(headers.connection ?? "")
    .toLowerCase()
    .split(/\s*,\s*/);
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || connectionHeaders.has(name) || value === undefined) continue;
    if (named.includes(name) && !keptHeaders.has(name)) continue;
    passed[name] = typeof value === "number" ? String(value) : value;
  }
  return passed;
}
