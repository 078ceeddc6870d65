import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** A set of addresses and networks, such as `10.0.0.0/8`. */
export type Networks = { has(address: string): boolean };

/** Where a call comes from. */
export type ClientAddress = {
  readonly address: string;
  /** True if a proxy says that it passes the call on, and nobody told us to believe it. */
  readonly isForwardedByStranger: boolean;
};

export function createNetworks(list: readonly string[]): Networks {
  const blocks = new BlockList();
  for (const network of list) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) blocks.addAddress(address, family);
    else blocks.addSubnet(address, Number(bits), family);
  }
  return { has: (address) => isIP(address) !== 0 && blocks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4") };
}

/**
 * The address a call comes from: the connection's, or, where that is a trusted proxy's, the last one of `X-Forwarded-For` that
 * is not. What stands before it there, anybody may have written.
 */
export function readClientAddress(req: IncomingMessage, trusted: Networks): ClientAddress {
  let address = plainAddress(req.socket.remoteAddress ?? "");
  const header = req.headers["x-forwarded-for"];
  const hops = String(header ?? "").split(",");
  const isForwardedByStranger = header !== undefined && !trusted.has(address);
  while (trusted.has(address)) {
    const hop = plainAddress(hops.pop()?.trim() ?? "");
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return { address, isForwardedByStranger };
}

/** `::ffff:1.2.3.4` is how an IPv4 address looks on a socket for both. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
