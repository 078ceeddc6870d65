/**
 * The first groups of an IPv6 address (RFC 4291 §2.2), 16 bits each, in lower case and without leading zeros, however it is
 * written: they name its network. At most 6, since the last two may be written as an IPv4 address.
 */
export function ipv6Groups(address: string, count: number): string[] {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const [start, end] = [splitGroups(head), splitGroups(tail ?? "")];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - start.length - end.length);
  return [...start, ...Array<string>(missing).fill("0"), ...end]
    .slice(0, count)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}

const splitGroups = (part: string) => (part === "" ? [] : part.split(":"));
