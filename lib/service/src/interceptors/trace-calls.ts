import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { traceKey } from "../caller.ts";
import { callDuration } from "../telemetry/meters.ts";
import { startSpan } from "../telemetry/spans.ts";
import { withTrace } from "../trace.ts";
import { tapStream } from "./tap-stream.ts";

/** Continues the caller's trace, or begins one, for the handler and all that it causes; measures every call. */
export function traceCalls(): Interceptor {
  return (next) => async (req) => {
    const start = performance.now();
    const rpc = { "rpc.service": req.service.typeName, "rpc.method": req.method.name };
    const span = startSpan(`${req.service.typeName}/${req.method.name}`, {
      kind: "server",
      parent: req.header.get("traceparent"),
      attributes: { "rpc.system": "connect_rpc", ...rpc },
    });
    const { trace } = span;
    req.contextValues.set(traceKey, trace);
    const end = (error?: unknown) => {
      const code = error === undefined ? "ok" : codeToString(ConnectError.from(error).code);
      span.set({ "rpc.code": code });
      span.end(isFailure(error) ? error : undefined);
      callDuration.record(performance.now() - start, { ...rpc, "rpc.code": code });
    };
    try {
      const res = await withTrace(trace, () => next(req));
      if (!res.stream) {
        end();
        return res;
      }
      const pull = <R>(step: () => R) => withTrace(trace, step);
      return { ...res, message: tapStream(res.message, { pull, onEnd: end }) };
    } catch (error) {
      end(error);
      throw error;
    }
  };
}

/** A caller's mistake is no failure of the call's server (OpenTelemetry's conventions for Connect). */
function isFailure(error: unknown): boolean {
  return error !== undefined && failures.has(ConnectError.from(error).code);
}

const failures: ReadonlySet<Code> = new Set([
  ...[Code.Unknown, Code.DeadlineExceeded, Code.Unimplemented, Code.Internal, Code.Unavailable, Code.DataLoss],
]);
