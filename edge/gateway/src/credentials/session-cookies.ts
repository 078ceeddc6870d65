import type { IncomingMessage } from "node:http";
import { readCookie, sessionCookieName, withoutCookie } from "@lyceum/service";
import type { Origins } from "../origins.ts";

/** The cookies in which browsers keep sessions, as requests bring them. */
export type SessionCookies = {
  /** The cookie's value; empty if there is none. */
  read(req: IncomingMessage): string;
  /** The same, and takes it off the request. */
  take(req: IncomingMessage): string;
  /** True if it is the person's own doing that a request brings it. */
  mayUse(req: IncomingMessage): boolean;
};

export function createSessionCookies(
  publicUrl: string,
  { mayUseCookie }: Pick<Origins, "mayUseCookie">,
): SessionCookies {
  const name = sessionCookieName(publicUrl);
  const read = ({ headers }: IncomingMessage) => (headers.cookie ? readCookie(headers.cookie, name) : "");
  return {
    read,
    take(req) {
      if (!req.headers.cookie) return "";
      const value = read(req);
      const others = withoutCookie(req.headers.cookie, name);
      if (others === undefined) delete req.headers.cookie;
      else req.headers.cookie = others;
      return value;
    },
    mayUse: mayUseCookie,
  };
}
