import { isIP } from "node:net";
import { ipv6Groups } from "@lyceum/service";

/** The network whose guesses are counted together: 24 bits of IPv4, 56 of IPv6, as one household or office has. Empty for what is no address. */
export function guessingNetworkOf(address: string): string {
  switch (isIP(address)) {
    case 4:
      return address.replace(/\d+$/, "0/24");
    case 6:
      return `${hexOf(ipv6Groups(address, 4)).slice(0, 14)}/56`;
    default:
      return "";
  }
}

const hexOf = (groups: readonly string[]) => groups.map((group) => group.padStart(4, "0")).join("");
