import { type CallOptions, Code, createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Caller, Person } from "./define-service.ts";
import { fail } from "./errors.ts";
import type { Trace } from "./trace.ts";

/** Holds who calls; set by the authenticate interceptor. */
export const callerKey = createContextKey<Caller>({ kind: "anonymous" }, { description: "caller" });
/** Holds the bearer token that the caller was known by. */
export const tokenKey = createContextKey<string | undefined>(undefined, { description: "token" });
/** Holds the call's place in its trace; set by the trace interceptor. */
export const traceKey = createContextKey<Trace | undefined>(undefined, { description: "trace" });

/** Who calls. */
export function callerOf(ctx: HandlerContext): Caller {
  return ctx.values.get(callerKey);
}

/** The person who calls. Throws `unauthenticated` for anybody else. */
export function personOf(ctx: HandlerContext): Person {
  const caller = callerOf(ctx);
  if (caller.kind !== "person") throw signInRequired();
  return caller;
}

/** The id of the call's trace, 32 hex digits. */
export function traceIdOf(ctx: HandlerContext): string {
  return ctx.values.get(traceKey)?.traceId ?? "";
}

/** The header in which the gateway tells services a call's address; nobody outside can set it. */
export const clientAddressHeader = "lyceum-client-address";

/** The address a call came from, as the gateway saw it; empty for one that did not come through the gateway. */
export function clientAddressOf(ctx: HandlerContext): string {
  return ctx.requestHeader.get(clientAddressHeader) ?? "";
}

/** Call options that carry the caller's token, the trace, the remaining time and the signal on to another service. */
export function forward(ctx: HandlerContext): CallOptions {
  const timeoutMs = ctx.timeoutMs();
  return {
    headers: forwardedHeaders(ctx.values.get(tokenKey), ctx.values.get(traceKey)),
    signal: ctx.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs: Math.max(1, Math.floor(timeoutMs)) }),
  };
}

/** The headers that carry a token and a trace to another service. */
export function forwardedHeaders(token: string | undefined, trace: Trace | undefined): Record<string, string> {
  return {
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(trace ? { traceparent: trace.traceparent } : {}),
  };
}

/** For a call that only a signed-in person may make. */
export const signInRequired = () => fail(Code.Unauthenticated, "SIGN_IN_REQUIRED", "Sign in first.");
