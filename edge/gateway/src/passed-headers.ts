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

type AnyHeaders = Readonly<Record<string, string | string[] | number | undefined>>;

/** The headers of a request or an answer that are for whoever is behind this hop too. */
export function passedHeaders(headers: AnyHeaders): Record<string, string | string[] | undefined> {
  const named = String(headers.connection ?? "")
    .toLowerCase()
    .split(/\s*,\s*/);
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || connectionHeaders.has(name) || named.includes(name) || value === undefined) continue;
    passed[name] = typeof value === "number" ? String(value) : value;
  }
  return passed;
}
