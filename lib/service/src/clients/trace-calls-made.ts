import type { Interceptor } from "@connectrpc/connect";
import { tapStream } from "../interceptors/tap-stream.ts";
import { startSpan } from "../telemetry/spans.ts";
import { currentTraceparent } from "../trace.ts";

/** Makes each call to another process a span, from which its trace goes on there. */
export function traceCallsMade(): Interceptor {
  return (next) => async (req) => {
    const span = startSpan(`${req.service.typeName}/${req.method.name}`, {
      kind: "client",
      parent: req.header.get("traceparent") ?? currentTraceparent(),
      attributes: { "rpc.system": "connect_rpc", "rpc.service": req.service.typeName, "rpc.method": req.method.name },
    });
    req.header.set("traceparent", span.trace.traceparent);
    try {
      const res = await next(req);
      if (res.stream) return { ...res, message: tapStream(res.message, { onEnd: span.end }) };
      span.end();
      return res;
    } catch (error) {
      span.end(error);
      throw error;
    }
  };
}
