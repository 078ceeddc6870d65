import { isIP } from "node:net";
import type { HandlerContext } from "@connectrpc/connect";
import { clientAddressOf, traceIdOf } from "@lyceum/service";

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
      return `${firstGroups(address).join(":")}::/48`;
    default:
      return "";
  }
}

/** The first 48 bits of an IPv6 address, without leading zeros. */
function firstGroups(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const written = head === "" ? [] : head.split(":");
  const end = tail ? tail.split(":").length : 0;
  const missing = tail === undefined ? 0 : 8 - written.length - end;
  const groups = [...written, ...Array<string>(missing).fill("0"), ...(tail ? tail.split(":") : [])];
  return groups.slice(0, 3).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}
