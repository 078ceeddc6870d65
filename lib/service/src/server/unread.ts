import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { Logger } from "pino";
import { logCall } from "../interceptors/log-calls.ts";
import { isMalformed } from "../interceptors/map-errors.ts";
import { continueTrace } from "../trace.ts";

/** Mends the code of, and logs, a failure to read a call's message: it came before the interceptors, who do so for all others. */
export function endUnread(context: HandlerContext, error: unknown, startMs: number, log: Logger): void {
  if (error instanceof ConnectError && isMalformed(error)) Object.assign(error, { code: Code.InvalidArgument });
  const method = `${context.service.typeName}/${context.method.name}`;
  const { traceId } = continueTrace(context.requestHeader.get("traceparent"));
  const durationMs = performance.now() - startMs;
  logCall(log, { method, error, durationMs, caller: { kind: "anonymous" }, traceId });
}
