import { isIP } from "node:net";
import type { HandlerContext } from "@connectrpc/connect";
import { clientAddressOf, ipv6Groups, traceIdOf } from "@lyceum/service";

/** What is known of the device that calls. */
export type Client = {
  /** The network it is in, such as `203.0.113.0/24` or `2001:db8:7::/48`; empty where the gateway did not say. */
  readonly network: string;
  /** Its User-Agent header, at most 512 characters. */
  readonly userAgent: string;
  readonly traceId: string;
};

/** The device that calls. */
export function clientOf(call: HandlerContext): Client {
  return {
    network: networkOf(clientAddressOf(call)),
    userAgent: userAgentOf(call.requestHeader),
    traceId: traceIdOf(call),
  };
}

/** What a device calls itself, at most 512 characters. */
export function userAgentOf(headers: Headers): string {
  return (headers.get("user-agent") ?? "").slice(0, 512);
}

/** The network of an address: 24 bits of IPv4, 48 of IPv6, which tell a place but no household. Empty for what is no address. */
export function networkOf(address: string): string {
  switch (isIP(address)) {
    case 4:
      return address.replace(/\d+$/, "0/24");
    case 6:
      return `${ipv6Groups(address, 3).join(":")}::/48`;
    default:
      return "";
  }
}
