import { setTimeout as sleep } from "node:timers/promises";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { ServiceName } from "../define-service.ts";
import { isLostConnection, wasNeverBegun } from "./lost-connection.ts";

const maxAttempts = 6;
const backoffMs = 50;

/**
 * Makes a lost connection `unavailable`, and calls again where that is safe: a unary call that the callee never began, such as
 * one after the GOAWAY of a server that restarts, and any without side effects. It waits longer each time, at most 1.6 s in
 * all, no two callers alike.
 */
export function retryCalls(callee: ServiceName): Interceptor {
  return (next) => async (req) => {
    const isRead = req.method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await next(req);
      } catch (reason) {
        const error = toUnavailable(callee, reason);
        const isSafe = !req.stream && error.code === Code.Unavailable && (isRead || wasNeverBegun(error));
        if (!isSafe || attempt === maxAttempts || req.signal.aborted) throw error;
        await sleep(backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), undefined, {
          signal: req.signal,
        }).catch(() => {});
      }
    }
  };
}

function toUnavailable(callee: ServiceName, reason: unknown): ConnectError {
  const error = ConnectError.from(reason);
  if (!isLostConnection(error) && !wasNeverBegun(error)) return error;
  return new ConnectError(`${callee} cannot be reached now.`, Code.Unavailable, undefined, undefined, error);
}
