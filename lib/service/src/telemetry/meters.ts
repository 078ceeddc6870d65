import type { Attributes } from "./spans.ts";

/** What is measured of single events, such as how long a call took. */
export type Histogram = { record(value: number, attributes?: Attributes): void };

/** What a number is at the time it is asked for. */
export type Reading = { readonly value: number; readonly attributes?: Attributes };

/** Describes a metric; names and units as OpenTelemetry's conventions have them. */
export type Metric = { readonly name: string; readonly unit: string; readonly description: string };

/** Takes measurements; one per process. */
export type Meter = {
  record(metric: Metric, value: number, attributes: Attributes): void;
  observe(metric: Metric, read: () => Promise<readonly Reading[]>): Disposable;
};

let meter: Meter | undefined;
const observed = new Set<{ metric: Metric; read: () => Promise<readonly Reading[]>; stop: Disposable | undefined }>();

/** Sends this process's measurements to `next` from now on; none turns them off. */
export function useMeter(next: Meter | undefined): void {
  meter = next;
  for (const one of observed) one.stop = next?.observe(one.metric, one.read);
}

/** A histogram; recording costs nothing while telemetry is off. */
export function histogram(metric: Metric): Histogram {
  return { record: (value, attributes = {}) => meter?.record(metric, value, attributes) };
}

/** Asks `read` whenever metrics are sent, until disposed. */
export function gauge(metric: Metric, read: () => Promise<readonly Reading[]>): Disposable {
  const one = { metric, read, stop: meter?.observe(metric, read) };
  observed.add(one);
  return {
    [Symbol.dispose]() {
      observed.delete(one);
      one.stop?.[Symbol.dispose]();
    },
  };
}

/** How long calls take, by service, method and code: rate, errors and duration of every RPC. */
export const callDuration = histogram({
  name: "rpc.server.duration",
  unit: "ms",
  description: "Duration of calls, by rpc.service, rpc.method and rpc.code.",
});

/** How long events and jobs take to handle. */
export const workDuration = histogram({
  name: "lyceum.work.duration",
  unit: "ms",
  description: "Duration of handled events and jobs, by service, kind and outcome.",
});
