import { createHash } from "node:crypto";

/** Lyceum's own namespace for names of points, a random one. */
const namespace = Buffer.from("5b1f6a0c9d3e4a7f8c2e61b7d0a9f345", "hex");

/** The id of a passage's vector by a model: a UUID of version 5 (RFC 9562), so that writing it again replaces it. */
export function pointId(fileId: string, revision: number, passage: number, model: string): string {
  const name = JSON.stringify([fileId, revision, passage, model]);
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
