import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Logger } from "pino";
import { logCall } from "../interceptors/log-calls.ts";
import { isMalformed } from "../interceptors/map-errors.ts";
import { continueTrace } from "../trace.ts";

/** A call whose message could not be read. */
export type UnreadCall = {
  readonly method: DescMethod;
  readonly traceparent: string | null | undefined;
  readonly startMs: number;
};

/** Mends the code of, and logs, a failure to read a call's message: it came before the interceptors, who do so for all others. */
export function endUnread({ method, traceparent, startMs }: UnreadCall, error: unknown, log: Logger): void {
  if (error instanceof ConnectError && isMalformed(error)) Object.assign(error, { code: Code.InvalidArgument });
  const { traceId } = continueTrace(traceparent);
  const durationMs = performance.now() - startMs;
  const name = `${method.parent.typeName}/${method.name}`;
  logCall(log, { method: name, error, durationMs, caller: { kind: "anonymous" }, traceId });
}
