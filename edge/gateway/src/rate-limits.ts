import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import { type DescService, getOption } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError } from "@connectrpc/connect";
import { rule } from "@lyceum/gen/proto/lyceum/access/v1/access_pb.ts";
import { listRestRoutes } from "@lyceum/rest";
import { fail, ipv6Groups, type Mounts } from "@lyceum/service";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { createNetworks, readClientAddress } from "./client-address.ts";
import type { GatewayConfig } from "./config.ts";

/** Counts calls. Rejects with `resource_exhausted`, `retry-after` in its metadata, where one is one too many. */
export type RateLimits = {
  /** Counts a call of whoever its access token names; undefined if it is not counted at all. */
  count(req: IncomingMessage, path: string): Promise<unknown> | undefined;
  /** Counts a try to be known, before it is known whose. */
  countStranger(req: IncomingMessage): Promise<unknown>;
};

const windowS = 60;

/**
 * Limits the calls a minute of each person, and, of those who have not signed in, of each address; a lower limit holds for the
 * calls by which strangers try passwords and other secrets. Counted in this process's memory.
 */
export function createRateLimits(
  { rateLimits, trustedProxies }: Pick<GatewayConfig, "rateLimits" | "trustedProxies">,
  services: readonly DescService[],
  identify: Mounts["identify"],
): RateLimits {
  const proxies = createNetworks(trustedProxies);
  const exempt = createNetworks(rateLimits.exempt);
  const countUser = createCounter(rateLimits.userPerMinute);
  const countAddress = createCounter(rateLimits.addressPerMinute);
  const countSignIn = createCounter(rateLimits.signInPerMinute);
  const signIns = listSignIns(services);

  const count = async (req: IncomingMessage, path: string, address: string) => {
    const token = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? "")?.[1];
    const userId = token && (await userOf(identify, token));
    if (userId) return countUser(userId);
    const network = networkOf(address);
    await countAddress(network);
    if (signIns.has(`${req.method} ${path}`)) await countSignIn(network);
  };
  const countedAddress = (req: IncomingMessage) => {
    const { address, isForwardedByStranger } = readClientAddress(req, proxies);
    // Behind a proxy that was not made known, everybody would be exempt with it.
    return exempt.has(address) && !isForwardedByStranger ? undefined : address;
  };
  return {
    count: (req, path) => {
      const address = countedAddress(req);
      return address === undefined ? undefined : count(req, path, address);
    },
    countStranger: async (req) => {
      const address = countedAddress(req);
      if (address !== undefined) await countAddress(networkOf(address));
    },
  };
}

type Counter = (key: string) => Promise<unknown>;

function createCounter(perMinute: number): Counter {
  if (perMinute === 0) return async () => {};
  const limiter = new RateLimiterMemory({ points: perMinute, duration: windowS });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (reason) {
      throw reason instanceof RateLimiterRes ? tooManyCalls(reason.msBeforeNext) : reason;
    }
  };
}

/** Whoever signs in, and so is counted by name wherever the call comes from. */
async function userOf(identify: Mounts["identify"], token: string): Promise<string | undefined> {
  try {
    return (await identify(token)).userId;
  } catch {
    return undefined;
  }
}

/** Everybody's first IPv6 network has 2⁶⁴ addresses: it counts as one. */
function networkOf(address: string): string {
  return isIPv6(address) ? ipv6Groups(address, 4).join(":") : address;
}

/** Calls that anybody may make and that change something, by method and path. */
function listSignIns(services: readonly DescService[]): Set<string> {
  const rpcs = services
    .flatMap(({ methods }) => methods)
    .filter((rpc) => getOption(rpc, rule).public)
    .filter(({ idempotency }) => idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS);
  const rest = listRestRoutes(services).filter(({ rpc }) => rpcs.includes(rpc));
  return new Set([
    ...rpcs.map(({ parent, name }) => `POST /${parent.typeName}/${name}`),
    ...rest.map(({ method, path }) => `${method} ${path}`),
  ]);
}

function tooManyCalls(waitMs: number): ConnectError {
  const error = fail(Code.ResourceExhausted, "TOO_MANY_CALLS", "Too many calls. Try again later.");
  error.metadata.set("retry-after", String(Math.max(1, Math.ceil(waitMs / 1000))));
  return error;
}
