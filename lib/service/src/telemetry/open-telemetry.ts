import type { Context, SpanKind as OtelKind, Tracer as OtelTracer } from "@opentelemetry/api";
import type { Logger } from "pino";
import type { Meter, Metric } from "./meters.ts";
import { useMeter } from "./meters.ts";
import { type SpanKind, type SpanOptions, type Tracer, useTracer } from "./spans.ts";

/** Where traces and metrics go, and as whose. */
export type TelemetryOptions = {
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`: the root of an OTLP/HTTP receiver; `/v1/traces` and `/v1/metrics` are below it. */
  readonly endpoint: string;
  /** The resource's `service.name`. */
  readonly serviceName: string;
  /** The share of the traces begun here that is recorded, 0 to 1. */
  readonly sampleRatio: number;
  readonly exportEveryMs: number;
  readonly log: Logger;
};

const exportTimeoutMs = 5_000;
const flushMs = 2_000;

/**
 * Sends spans and metrics of this process over OTLP/HTTP until disposed. The packages are loaded only here. A receiver that is
 * away costs nothing: what waits is bounded and dropped.
 */
export async function openTelemetry(options: TelemetryOptions): Promise<AsyncDisposable> {
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const resource = resourceFromAttributes({ "service.name": options.serviceName, "service.namespace": "lyceum" });
  const base = options.endpoint.replace(/\/+$/, "");
  const tracing = await openTracing(options, resource, `${base}/v1/traces`);
  const metering = await openMetering(options, resource, `${base}/v1/metrics`);
  useTracer(tracing.tracer);
  useMeter(metering.meter);
  return {
    async [Symbol.asyncDispose]() {
      useTracer(undefined);
      useMeter(undefined);
      const closing = Promise.allSettled([tracing.close(), metering.close()]);
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, flushMs).unref())]);
    },
  };
}

type Resource = ReturnType<typeof import("@opentelemetry/resources").resourceFromAttributes>;

async function openTracing({ sampleRatio, exportEveryMs }: TelemetryOptions, resource: Resource, url: string) {
  const api = await import("@opentelemetry/api");
  const sdk = await import("@opentelemetry/sdk-trace");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: exportTimeoutMs });
  const provider = new sdk.TracerProvider({
    resource,
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: Math.min(exportEveryMs, 2_000),
        exportTimeoutMillis: exportTimeoutMs,
        maxQueueSize: 4_096,
      }),
    ],
  });
  return { tracer: createTracer(api, provider.getTracer("lyceum")), close: () => provider.shutdown() };
}

function createTracer(api: typeof import("@opentelemetry/api"), tracer: OtelTracer): Tracer {
  const kinds: Record<SpanKind, OtelKind> = {
    server: api.SpanKind.SERVER,
    client: api.SpanKind.CLIENT,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
    internal: api.SpanKind.INTERNAL,
  };
  const parse = (traceparent: string | null | undefined): Context => {
    const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "") ?? [];
    if (!traceId || !spanId) return api.ROOT_CONTEXT;
    const parent = { traceId, spanId, traceFlags: Number.parseInt(flags as string, 16), isRemote: true };
    return api.isSpanContextValid(parent) ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT;
  };
  return {
    startSpan(name, { kind, parent, attributes, start }: SpanOptions) {
      const options = { kind: kinds[kind], ...(attributes && { attributes }), ...(start && { startTime: start }) };
      const span = tracer.startSpan(name, options, parse(parent));
      const { traceId, spanId, traceFlags } = span.spanContext();
      const flags = traceFlags.toString(16).padStart(2, "0");
      return {
        trace: { traceId, traceparent: `00-${traceId}-${spanId}-${flags}` },
        set: (more) => void span.setAttributes(more),
        end(error) {
          if (error !== undefined) {
            span.setAttribute("error.type", nameOf(error));
            span.setStatus({ code: api.SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
    },
  };
}

/** An error's name and code: its words may hold what nobody may read here. */
function nameOf(error: unknown): string {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return [name, code].filter((part) => part !== undefined).join(" ") || typeof error;
}

async function openMetering({ exportEveryMs, log }: TelemetryOptions, resource: Resource, url: string) {
  const sdk = await import("@opentelemetry/sdk-metrics");
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url, timeoutMillis: exportTimeoutMs }),
    exportIntervalMillis: exportEveryMs,
    exportTimeoutMillis: Math.min(exportEveryMs, exportTimeoutMs),
  });
  const provider = new sdk.MeterProvider({ resource, readers: [reader] });
  const otel = provider.getMeter("lyceum");
  const known = new Map<string, unknown>();
  const once = <T>({ name }: Metric, make: () => T): T => {
    if (!known.has(name)) known.set(name, make());
    return known.get(name) as T;
  };
  const meter: Meter = {
    record(metric, value, attributes) {
      const { name, unit, description } = metric;
      once(metric, () => otel.createHistogram(name, { unit, description })).record(value, attributes);
    },
    observe(metric, read) {
      const { name, unit, description } = metric;
      const instrument = once(metric, () => otel.createObservableGauge(name, { unit, description }));
      const callback = async (result: { observe(value: number, attributes?: object): void }) => {
        try {
          for (const { value, attributes } of await read()) result.observe(value, attributes);
        } catch (error) {
          log.debug({ err: error, metric: name }, "A metric cannot be read now.");
        }
      };
      instrument.addCallback(callback);
      return { [Symbol.dispose]: () => instrument.removeCallback(callback) };
    },
  };
  return { meter, close: () => provider.shutdown() };
}
