import { isIP } from "node:net";

/** The network whose guesses are counted together: 24 bits of IPv4, 56 of IPv6, as one household or office has. Empty for what is no address. */
export function guessingNetworkOf(address: string): string {
  switch (isIP(address)) {
    case 4:
      return address.replace(/\d+$/, "0/24");
    case 6:
      return `${firstBytes(address, 7).toString("hex")}/56`;
    default:
      return "";
  }
}

/** The first bytes of an IPv6 address in whatever form it is written. */
function firstBytes(address: string, length: number): Buffer {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const start = groups(head);
  const end = groups(tail ?? "");
  const missing = Array<string>(Math.max(0, 8 - start.length - end.length)).fill("0");
  const whole = [...start, ...(tail === undefined ? [] : missing), ...end].map((group) => group.padStart(4, "0"));
  return Buffer.from(whole.join("").slice(0, 2 * length), "hex");
}
