import type { HandlerContext } from "@connectrpc/connect";
import { cookieSession, sessionCookieName, sessionHeader, toSetCookie } from "@lyceum/service";
import type { Context } from "./context.ts";
import { absoluteLifetimeMs } from "./refresh-token.ts";

/** True if the caller wants its session in a cookie. The gateway has made sure that a page of Lyceum's own asks. */
export function asksForCookie(call: HandlerContext): boolean {
  return call.requestHeader.get(sessionHeader) === cookieSession;
}

/** Has the browser keep the secret of a session, in place of what it kept before. Whether it still works is decided here. */
export function setSessionCookie(
  { publicUrl }: Pick<Context, "publicUrl">,
  call: HandlerContext,
  secret: string,
): void {
  const cookie = { name: sessionCookieName(publicUrl), value: secret, maxAgeSeconds: absoluteLifetimeMs / 1000 };
  call.responseHeader.append("set-cookie", toSetCookie(publicUrl, cookie));
}

/** Has the browser forget its session. */
export function clearSessionCookie({ publicUrl }: Pick<Context, "publicUrl">, call: HandlerContext): void {
  const cookie = { name: sessionCookieName(publicUrl), value: "", maxAgeSeconds: 0 };
  call.responseHeader.append("set-cookie", toSetCookie(publicUrl, cookie));
}
