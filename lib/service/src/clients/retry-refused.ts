import { setTimeout as sleep } from "node:timers/promises";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

const maxAttempts = 6;
const backoffMs = 50;
const lostConnection = /^(ERR_HTTP2_\w+|ERR_STREAM_\w+|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/;

/**
 * Makes a lost connection `unavailable`, and calls again where that is safe: unary RPCs without side effects, such as after
 * the GOAWAY of a server that restarts. It waits longer each time, at most 1.6 s in all, no two callers alike.
 */
export function retryRefused(): Interceptor {
  return (next) => async (req) => {
    const repeatable = !req.stream && req.method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await next(req);
      } catch (reason) {
        const error = toUnavailable(reason);
        const mayRepeat = repeatable && error.code === Code.Unavailable && attempt < maxAttempts && !req.signal.aborted;
        if (!mayRepeat) throw error;
        await sleep(backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), undefined, {
          signal: req.signal,
        }).catch(() => {});
      }
    }
  };
}

function toUnavailable(reason: unknown): ConnectError {
  const error = ConnectError.from(reason);
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && lostConnection.test(String(cause.code))) {
      return new ConnectError(
        "Another part of Lyceum cannot be reached.",
        Code.Unavailable,
        undefined,
        undefined,
        error,
      );
    }
  }
  return error;
}
