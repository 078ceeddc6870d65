/** The header by which a page says that it keeps its session in a cookie: no form, and no page of another site, can send it. */
export const sessionHeader = "lyceum-session";

/** The value of `sessionHeader` that says so. */
export const cookieSession = "cookie";

/** What the cookie of a session is called. */
export function sessionCookieName(publicUrl: string): string {
  return hostCookieName(publicUrl, "lyceum-session");
}

/**
 * What a cookie is called where it counts. Over TLS its prefix makes browsers keep it to this very host (RFC 6265bis §4.1.3.2), so
 * that no sibling can plant one; without TLS they would refuse a cookie of that name.
 */
export function hostCookieName(publicUrl: string, name: string): string {
  return isSecure(publicUrl) ? `__Host-${name}` : name;
}

/** A `Set-Cookie` line of the whole host that no script can read and no other site's page can send; 0 seconds delete it. */
export function toSetCookie(
  publicUrl: string,
  { name, value, maxAgeSeconds }: { readonly name: string; readonly value: string; readonly maxAgeSeconds: number },
): string {
  const secure = isSecure(publicUrl) ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

/** The value of the first cookie of this name in a `Cookie` header; empty if there is none. */
export function readCookie(header: string | null | undefined, name: string): string {
  return (
    splitCookies(header)
      .find(isNamed(name))
      ?.slice(name.length + 1) ?? ""
  );
}

/** A `Cookie` header without the cookies of this name; undefined if nothing is left of it. */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  const others = splitCookies(header).filter((cookie) => !isNamed(name)(cookie));
  return others.length > 0 ? others.join("; ") : undefined;
}

const isNamed = (name: string) => (cookie: string) => cookie.startsWith(`${name}=`);

function splitCookies(header: string | null | undefined): string[] {
  return header?.split(/; */).filter((cookie) => cookie !== "") ?? [];
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith("https:");
}
