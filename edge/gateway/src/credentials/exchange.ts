import { hash } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type ExchangeCredentialRequestSchema,
  IdentityInternalService,
} from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import type { Clients } from "@lyceum/service";

/** What somebody brings instead of an access token. */
export type Credential = NonNullable<MessageInitShape<typeof ExchangeCredentialRequestSchema>["credential"]> & {
  readonly case: string;
};

/** What a credential is worth. */
export type Ticket = { readonly accessToken: string; readonly scopes: readonly string[]; readonly untilMs: number };

/** Has identity exchange credentials for access tokens. */
export type Exchange = {
  /** The ticket that was given for a credential, while it may be used. */
  find(credential: Credential): Ticket | undefined;
  /** Asks for a ticket. Throws `unauthenticated` for a credential that is worth none. */
  get(credential: Credential): Promise<Ticket>;
  /** Keeps no ticket of a credential that may just have changed. */
  forget(credential: Credential): void;
};

/** How long a ticket is used: so late a new expiry or scope counts. A revocation needs no such wait, since it ends the token. */
const keepMs = 60_000;
const maxKept = 20_000;
const timeoutMs = 5_000;

/** Exchanges each credential once at a time, and keeps its ticket under the credential's hash. */
export function createExchange(clients: Clients): Exchange {
  const tickets = new Map<string, Ticket>();
  const asked = new Map<string, Promise<Ticket>>();

  const ask = async (credential: Credential): Promise<Ticket> => {
    const options = await clients.asService("identity", { timeoutMs });
    const { accessToken, scopes, expireTime } = await clients
      .of(IdentityInternalService)
      .exchangeCredential({ credential }, options);
    const untilMs = Math.min(Date.now() + keepMs, expireTime ? timestampMs(expireTime) : Number.POSITIVE_INFINITY);
    return { accessToken, scopes, untilMs };
  };
  const keep = (name: string, ticket: Ticket) => {
    if (tickets.size >= maxKept) tickets.delete(tickets.keys().next().value as string);
    tickets.delete(name);
    tickets.set(name, ticket);
  };
  return {
    find(credential) {
      const ticket = tickets.get(nameOf(credential));
      return ticket && ticket.untilMs > Date.now() ? ticket : undefined;
    },
    async get(credential) {
      const name = nameOf(credential);
      const running = asked.get(name) ?? ask(credential);
      asked.set(name, running);
      try {
        const ticket = await running;
        // What was forgotten meanwhile may be an answer from before the change.
        if (asked.get(name) === running) keep(name, ticket);
        return ticket;
      } finally {
        if (asked.get(name) === running) asked.delete(name);
      }
    },
    forget(credential) {
      const name = nameOf(credential);
      tickets.delete(name);
      asked.delete(name);
    },
  };
}

function nameOf({ case: kind, value }: Credential): string {
  return hash("sha256", `${kind} ${value}`, "base64");
}
