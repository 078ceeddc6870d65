import { AsyncLocalStorage } from "node:async_hooks";
import { takeRandom } from "./random.ts";

/** Where a call stands in its trace: W3C trace context, level 1. */
export type Trace = {
  /** 32 lowercase hex digits, the same through every hop. */
  readonly traceId: string;
  /** What this call sends on: its own span as the parent of what it causes. */
  readonly traceparent: string;
};

const current = new AsyncLocalStorage<Trace | undefined>();
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const zeros = /^0+$/;

/** Continues the trace of a `traceparent`, or begins one if there is none or it is malformed. */
export function continueTrace(traceparent: string | null | undefined): Trace {
  const match = traceparent ? pattern.exec(traceparent) : null;
  const valid = match?.[1] && match[2] && !zeros.test(match[1]) && !zeros.test(match[2]);
  const traceId = valid ? (match[1] as string) : takeRandom(16).toString("hex");
  const flags = valid ? (match[3] as string) : "00";
  return { traceId, traceparent: `00-${traceId}-${takeRandom(8).toString("hex")}-${flags}` };
}

/** Runs `work` so that the events and jobs it makes carry this trace. */
export function withTrace<T>(trace: Trace | undefined, work: () => T): T {
  return current.run(trace, work);
}

/** The `traceparent` of the work under way, if it is traced. */
export function currentTraceparent(): string | undefined {
  return current.getStore()?.traceparent;
}
