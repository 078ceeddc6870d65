import { createHmac, timingSafeEqual } from "node:crypto";

/** Which log of changes cursors are of, and what they are signed with; both in hex. */
export type FeedIdentity = { readonly id: string; readonly secret: string };

/** Where a cursor says to go on, or why it cannot be resumed from. */
export type CursorReading = { readonly horizon: number } | { readonly reason: "FOREIGN" | "DAMAGED" };

const version = 1;
const idBytes = 8;
const macBytes = 8;
const bodyBytes = 1 + idBytes + 8;

/**
 * Makes the cursor of whoever has been told all changes of transactions below `horizon`. 34 characters, whatever the number
 * of rooms: a version, the log's id and the horizon, signed (RFC 2104).
 */
export function writeCursor(feed: FeedIdentity, horizon: number): string {
  const body = Buffer.alloc(bodyBytes);
  body[0] = version;
  body.write(feed.id, 1, "hex");
  body.writeBigUInt64BE(BigInt(horizon), 1 + idBytes);
  return Buffer.concat([body, sign(feed, body)]).toString("base64url");
}

/** Reads a cursor of any origin. */
export function readCursor(feed: FeedIdentity, cursor: string): CursorReading {
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes.length !== bodyBytes + macBytes || bytes[0] !== version || bytes.toString("base64url") !== cursor)
    return { reason: "DAMAGED" };
  if (bytes.toString("hex", 1, 1 + idBytes) !== feed.id) return { reason: "FOREIGN" };
  const body = bytes.subarray(0, bodyBytes);
  if (!timingSafeEqual(bytes.subarray(bodyBytes), sign(feed, body))) return { reason: "DAMAGED" };
  return { horizon: Number(body.readBigUInt64BE(1 + idBytes)) };
}

function sign({ secret }: FeedIdentity, body: Buffer): Buffer {
  return createHmac("sha256", Buffer.from(secret, "hex")).update(body).digest().subarray(0, macBytes);
}
