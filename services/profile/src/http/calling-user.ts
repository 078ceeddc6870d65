import type { Caller } from "@lyceum/service";

/** The person who calls a route whose access is `user`. */
export function callingUser(caller: Caller): string {
  if (caller.kind !== "person") throw new Error("A route for signed-in people was called by someone else.");
  return caller.userId;
}
