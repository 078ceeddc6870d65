import { randomUUID } from "node:crypto";
import { type Json, password } from "@lyceum/testing/person.ts";

/** A person whose session is a cookie, as a browser on a page of Lyceum's own would send it. */
export type BrowserPerson = {
  readonly email: string;
  readonly userId: string;
  readonly sessionId: string;
  /** What the answer set, without its attributes: the `Cookie` header. */
  cookie: string;
  /** Calls with the cookie from a page of `origin`, Lyceum's own by default; `null` is for none. Keeps a new cookie. */
  fetch(path: string, init?: CookieCall): Promise<Response>;
  post(path: string, body: unknown): Promise<Json>;
};

export type CookieCall = RequestInit & { readonly origin?: string | null };

/** What a page of `origin` sends to get a session in a cookie. */
export const pageHeaders = (origin: string) => ({
  "content-type": "application/json",
  "lyceum-session": "cookie",
  origin,
});

/** Signs up, or in if an address is given, through the page's origin; fails if a token is in the answer. */
export async function enterByCookie(url: string, known: { email?: string; cookie?: string } = {}) {
  const { email = `${randomUUID()}@example.org` } = known;
  const res = await fetch(`${url}/v1/auth/${known.email ? "sign-in" : "sign-up"}`, {
    method: "POST",
    headers: { ...pageHeaders(url), ...(known.cookie && { cookie: known.cookie }) },
    body: JSON.stringify({ email, password }),
  });
  const text = await res.text();
  if (!res.ok) throw new Error(text);
  const { session, user } = JSON.parse(text);
  return toBrowserPerson(url, { email, userId: user.id, session, cookie: sessionCookieOf(res) ?? "" });
}

function toBrowserPerson(
  url: string,
  { email, userId, session, cookie }: { email: string; userId: string; session: Json; cookie: string },
): BrowserPerson & { readonly session: Json } {
  const person = {
    email,
    userId,
    session,
    sessionId: session.sessionId,
    cookie,
    async fetch(path: string, { origin = url, ...init }: CookieCall = {}) {
      const headers = { cookie: person.cookie, ...(origin !== null && { origin }), ...init.headers };
      const res = await fetch(url + path, { ...init, headers });
      person.cookie = sessionCookieOf(res) ?? person.cookie;
      return res;
    },
    async post(path: string, body: unknown) {
      const res = await person.fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = await res.text();
      if (!res.ok) throw new Error(text);
      return JSON.parse(text);
    },
  };
  return person;
}

/** The session's cookie that an answer sets, such as `lyceum-session=…`; empty after the `=` where it deletes it. */
export function sessionCookieOf(res: Response): string | undefined {
  return setCookieOf(res)?.split(";", 1)[0];
}

/** The whole line of it. */
export function setCookieOf(res: Response): string | undefined {
  return res.headers.getSetCookie().find((line) => line.startsWith("lyceum-session="));
}
