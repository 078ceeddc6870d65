import type { IncomingMessage } from "node:http";
import { Code } from "@connectrpc/connect";
import { fail } from "@lyceum/service";
import type { Exchange } from "./exchange.ts";
import { type Demand, type Demands, meets } from "./scopes.ts";

/** Turns what callers bring into access tokens, which are all that services see. */
export type Credentials = {
  /**
   * Puts an access token in place of a request's API key. Undefined if it brings none; rejects with `unauthenticated` for a key
   * that does not work and `permission_denied SCOPE_MISSING` for one that may not call this.
   */
  admit(req: IncomingMessage, path: string): Promise<void> | undefined;
  /** The access token for a token that was sent in another way than a header; what is no API key is answered as it is. */
  tokenFor(token: string, req: IncomingMessage, path: string): Promise<string>;
};

/** What credentials are checked with. */
export type CredentialOptions = {
  readonly exchange: Exchange;
  readonly demands: Demands;
  /** Counts a call of somebody not known yet; rejects where it is one too many. */
  readonly countStranger: (req: IncomingMessage) => Promise<unknown>;
};

export function createCredentials({ exchange, demands, countStranger }: CredentialOptions): Credentials {
  const tokenOf = async (key: string, req: IncomingMessage, demand: Demand): Promise<string> => {
    const credential = { case: "apiKey", value: key } as const;
    let ticket = exchange.find(credential);
    if (!ticket) {
      await countStranger(req);
      ticket = await exchange.get(credential);
    }
    if (!meets(ticket.scopes, demand)) throw scopeMissing(demand);
    return ticket.accessToken;
  };
  const admit = async (key: string, req: IncomingMessage, demand: Demand) => {
    try {
      req.headers.authorization = `Bearer ${await tokenOf(key, req, demand)}`;
    } catch (error) {
      if (!demand.isPublic) throw error;
      delete req.headers.authorization;
    }
  };
  return {
    admit(req, path) {
      const key = /^Bearer +(lyk_\S+) *$/i.exec(req.headers.authorization ?? "")?.[1];
      if (key === undefined) return undefined;
      // Nothing that passes from here may carry the key on.
      delete req.headers.authorization;
      const demand = demands(req.method ?? "GET", path);
      return demand && admit(key, req, demand);
    },
    async tokenFor(token, req, path) {
      const demand = demands("GET", path);
      return token.startsWith("lyk_") && demand ? tokenOf(token, req, demand) : token;
    },
  };
}

const scopeMissing = ({ scope }: Demand) =>
  fail(Code.PermissionDenied, "SCOPE_MISSING", `This needs an API key with the scope ${scope}.`, { scope });
