import type { HttpRoute } from "@lyceum/service";
import type { Context } from "../../context.ts";
import { createMeters } from "../../resumable/meters.ts";
import { createUploadLocks } from "../../resumable/upload-locks.ts";
import * as operations from "./operations.ts";
import { serveTus } from "./serve-tus.ts";

/**
 * `/v1/uploads`: uploads that survive broken connections and restarts, by tus 1.0 with the extensions creation,
 * creation-with-upload, termination, checksum and expiration. A request on which no byte arrives for `idleMs` ends.
 */
export function tusRoutes(ctx: Context, idleMs: number): HttpRoute[] {
  const parts = { ctx, idleMs, meters: createMeters(), locks: createUploadLocks() };
  const handle: HttpRoute["handle"] = (call) => serveTus(parts, call);
  const path = "/v1/uploads";
  const one = `${path}/{upload_id}`;
  return [
    { method: "OPTIONS", path, access: "public", operation: operations.capabilities, handle },
    { method: "POST", path, access: "user", operation: operations.begin, handle },
    { method: "HEAD", path: one, access: "user", operation: operations.ask, handle },
    { method: "PATCH", path: one, access: "user", operation: operations.add, handle },
    { method: "DELETE", path: one, access: "user", operation: operations.end, handle },
  ];
}
