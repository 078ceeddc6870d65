import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Logger } from "pino";
import { callerKey, traceKey } from "../caller.ts";
import type { Caller } from "../define-service.ts";
import { tapStream } from "./tap-stream.ts";

/** Writes one line per call when it has ended: method, code, duration, caller, trace; the cause of what is a bug. */
export function logCalls(log: Logger): Interceptor {
  return (next) => async (req) => {
    const start = performance.now();
    const write = (error?: unknown) =>
      logCall(log, {
        method: `${req.service.typeName}/${req.method.name}`,
        error,
        durationMs: performance.now() - start,
        caller: req.contextValues.get(callerKey),
        traceId: req.contextValues.get(traceKey)?.traceId ?? "",
      });
    try {
      const res = await next(req);
      if (res.stream) return { ...res, message: tapStream(res.message, { onEnd: write }) };
      write();
      return res;
    } catch (error) {
      write(error);
      throw error;
    }
  };
}

/** A call that has ended, over any protocol. */
export type EndedCall = {
  readonly method: string;
  readonly error: unknown;
  readonly durationMs: number;
  readonly caller: Caller;
  readonly traceId: string;
};

/** Writes the line of a call. Only codes that an operator must act on are errors and carry their cause. */
export function logCall(log: Logger, { method, error, durationMs, caller, traceId }: EndedCall): void {
  const code = error === undefined ? undefined : ConnectError.from(error).code;
  const level = code === undefined || !operatorCodes.has(code) ? "info" : "error";
  if (!log.isLevelEnabled(level)) return;
  log[level]({
    method,
    code: code === undefined ? "ok" : codeToString(code),
    durationMs: Math.round(durationMs * 10) / 10,
    ...(caller.kind === "person" ? { userId: caller.userId } : {}),
    ...(caller.kind === "service" ? { service: caller.service } : {}),
    traceId,
    ...(level === "error" ? { err: error instanceof ConnectError ? (error.cause ?? error) : error } : {}),
  });
}

const operatorCodes: ReadonlySet<Code> = new Set([Code.Internal, Code.Unknown, Code.DataLoss, Code.Unavailable]);
