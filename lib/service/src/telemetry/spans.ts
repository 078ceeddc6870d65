import { continueTrace, currentTraceparent, type Trace, withTrace } from "../trace.ts";

/** What a span stands for: a call answered, a call made, work that an event or a job caused, or a step inside. */
export type SpanKind = "server" | "client" | "producer" | "consumer" | "internal";

/** Facts about a span: names, codes, counts, ids; never a token, an address or a text. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** How a span begins. */
export type SpanOptions = {
  readonly kind: SpanKind;
  /** W3C `traceparent` of what caused it; without one a trace begins here. */
  readonly parent: string | null | undefined;
  readonly attributes?: Attributes;
  /** When it began, if that was before now. */
  readonly start?: Date;
};

/** A span under way. */
export type Span = {
  /** Its place in its trace: what it causes goes on from here. */
  readonly trace: Trace;
  set(attributes: Attributes): void;
  /** Ends it; with an error it has failed, and only the error's name and code are told. */
  end(error?: unknown): void;
};

/** Makes spans; one per process. */
export type Tracer = { startSpan(name: string, options: SpanOptions): Span };

// Telemetry is off: traces go on by their ids alone, for logs and errors.
const off: Tracer = {
  startSpan: (_, { parent }) => ({ trace: continueTrace(parent), set: () => {}, end: () => {} }),
};

let tracer = off;

/** Sends this process's spans to `next` from now on; none turns them off. */
export function useTracer(next: Tracer | undefined): void {
  tracer = next ?? off;
}

/** Begins a span. Whoever begins it ends it. */
export function startSpan(name: string, options: SpanOptions): Span {
  return tracer.startSpan(name, options);
}

/** Runs a step of the work under way as a span of its own. */
export async function inSpan<T>(
  name: string,
  work: (span: Span) => Promise<T>,
  options: Partial<SpanOptions> = {},
): Promise<T> {
  const span = startSpan(name, { kind: "internal", parent: currentTraceparent(), ...options });
  try {
    const result = await withTrace(span.trace, () => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
