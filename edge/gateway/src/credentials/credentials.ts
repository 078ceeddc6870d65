import type { IncomingMessage, ServerResponse } from "node:http";
import { Code } from "@connectrpc/connect";
import { cookieSession, fail, sessionHeader } from "@lyceum/service";
import type { Credential, Exchange } from "./exchange.ts";
import { type Demand, type Demands, meets } from "./scopes.ts";
import type { SessionCookies } from "./session-cookies.ts";

/** Turns what callers bring into access tokens, which are all that services see. */
export type Credentials = {
  /**
   * Puts an access token in place of a request's API key, or of its cookie if it has no Authorization header. Undefined if it
   * brings none. Rejects with `unauthenticated` for what does not work, `permission_denied SCOPE_MISSING` for a key that may not
   * call this, and `permission_denied ORIGIN_REFUSED` for a cookie that another site's page may have sent or asks for.
   */
  admit(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> | undefined;
  /** True if the handshake of a WebSocket brings a cookie. */
  hasCookie(req: IncomingMessage): boolean;
  /** The access token for one sent in another way than a header; undefined stands for the cookie. What is no key is answered as it is. */
  tokenFor(token: string | undefined, req: IncomingMessage, path: string): Promise<string>;
};

/** What credentials are checked with. */
export type CredentialOptions = {
  readonly exchange: Exchange;
  readonly demands: Demands;
  readonly cookies: SessionCookies;
  /** Counts a call of somebody not known yet; rejects where it is one too many. */
  readonly countStranger: (req: IncomingMessage) => Promise<unknown>;
};

export function createCredentials({ exchange, demands, cookies, countStranger }: CredentialOptions): Credentials {
  const tokenOf = async (credential: Credential, req: IncomingMessage, demand: Demand): Promise<string> => {
    if (credential.case === "cookie" && !cookies.mayUse(req)) throw originRefused();
    let ticket = exchange.find(credential);
    if (!ticket) {
      await countStranger(req);
      ticket = await exchange.get(credential);
    }
    if (credential.case === "apiKey" && !meets(ticket.scopes, demand)) throw scopeMissing(demand);
    return ticket.accessToken;
  };
  const admit = async (credential: Credential, req: IncomingMessage, res: ServerResponse, demand: Demand) => {
    try {
      req.headers.authorization = `Bearer ${await tokenOf(credential, req, demand)}`;
      if (credential.case === "cookie") answerToCookie(credential, res, demand);
    } catch (error) {
      if (!demand.isPublic) throw error;
    }
  };
  const answerToCookie = (credential: Credential, res: ServerResponse, { scope }: Demand) => {
    // Caches in between keep nothing that an Authorization header was sent for (RFC 9111 §3.5), but know nothing of cookies.
    res.setHeader("cache-control", "private, no-cache");
    // The answer may bring another cookie, with which this one is over.
    if (scope === "identity:write") res.once("close", () => exchange.forget(credential));
  };
  /** What a request brings, taken off it: nothing that passes from here may carry it on. */
  const take = (req: IncomingMessage): Credential | undefined => {
    const cookie = cookies.take(req);
    const { authorization } = req.headers;
    if (authorization === undefined) return cookie ? { case: "cookie", value: cookie } : undefined;
    const key = /^Bearer +(lyk_\S+) *$/i.exec(authorization)?.[1];
    if (key === undefined) return undefined;
    delete req.headers.authorization;
    return { case: "apiKey", value: key };
  };
  const toCredential = (token: string | undefined, req: IncomingMessage): Credential | undefined => {
    if (token === undefined) return { case: "cookie", value: cookies.read(req) };
    return token.startsWith("lyk_") ? { case: "apiKey", value: token } : undefined;
  };
  return {
    admit(req, res, path) {
      const credential = take(req);
      if (req.headers[sessionHeader] === cookieSession && !cookies.mayUse(req)) return Promise.reject(originRefused());
      const demand = credential && demands(req.method ?? "GET", path);
      return demand && admit(credential, req, res, demand);
    },
    hasCookie: (req) => cookies.read(req) !== "",
    async tokenFor(token, req, path) {
      const credential = toCredential(token, req);
      const demand = credential && demands("GET", path);
      return demand ? tokenOf(credential, req, demand) : (token ?? "");
    },
  };
}

const scopeMissing = ({ scope }: Demand) =>
  fail(Code.PermissionDenied, "SCOPE_MISSING", `This needs an API key with the scope ${scope}.`, { scope });
const originRefused = () =>
  fail(
    Code.PermissionDenied,
    "ORIGIN_REFUSED",
    "Calls by cookie are for Lyceum's own pages: the Origin header names none.",
  );
