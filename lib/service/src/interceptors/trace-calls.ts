import type { Interceptor } from "@connectrpc/connect";
import { traceKey } from "../caller.ts";
import { continueTrace, withTrace } from "../trace.ts";
import { tapStream } from "./tap-stream.ts";

/** Continues the caller's trace, or begins one, for the handler and all that it causes. */
export function traceCalls(): Interceptor {
  return (next) => async (req) => {
    const trace = continueTrace(req.header.get("traceparent"));
    req.contextValues.set(traceKey, trace);
    const res = await withTrace(trace, () => next(req));
    if (!res.stream) return res;
    return { ...res, message: tapStream(res.message, { pull: (step) => withTrace(trace, step) }) };
  };
}
