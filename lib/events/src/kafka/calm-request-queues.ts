import { createRequire } from "node:module";

type RequestQueue = { readonly pending: readonly unknown[]; scheduleCheckPendingRequests(): void };

/**
 * Keeps kafkajs 2.2.4 from waking up every millisecond on each of its connections: after any answer it looks again for requests
 * it had put off, also if there are none, after a wait that it reckons from before 1970 and of which Node warns.
 */
export function calmRequestQueues(): void {
  const { prototype } = createRequire(import.meta.url)("kafkajs/src/network/requestQueue") as {
    prototype: RequestQueue;
  };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleIfAnyWait() {
    if (this.pending.length > 0) schedule.call(this);
  };
}
