import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DoneSchema } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
import { currentTraceparent, histogram, startSpan } from "@lyceum/service";

/** What an answer took. Times in milliseconds since it was asked; 0 for what was not reached. */
export type Measures = {
  readonly retrievalMs: number;
  readonly firstDeltaMs: number;
  readonly totalMs: number;
  /** Tokens as the model counted them. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Citations of the model that named no passage, or one that does not support the sentence. */
  readonly droppedCitations: number;
};

const spanNames = { retrieval: "retrieve", firstDelta: "first token" } as const;
const firstToken = histogram({
  name: "lyceum.answer.first_token",
  unit: "ms",
  description: "From a question to the first text of its answer.",
});

/** Tells how long the parts of an answer took. */
export type Clock = {
  /** Notes when a part was reached; only the first time counts. */
  mark(part: "retrieval" | "firstDelta"): void;
  read(): Pick<Measures, "retrievalMs" | "firstDeltaMs" | "totalMs">;
};

/** Starts one now; the parts show as spans of the trace under way. */
export function startClock(): Clock {
  const start = performance.now();
  const startTime = new Date();
  const parent = currentTraceparent();
  const marks = new Map<string, number>();
  const sinceStart = () => Math.round((performance.now() - start) * 1000) / 1000;
  return {
    mark(part) {
      if (marks.has(part)) return;
      const ms = sinceStart();
      marks.set(part, ms);
      startSpan(spanNames[part], { kind: "internal", parent, start: startTime }).end();
      if (part === "firstDelta") firstToken.record(ms);
    },
    read: () => ({
      retrievalMs: marks.get("retrieval") ?? 0,
      firstDeltaMs: marks.get("firstDelta") ?? 0,
      totalMs: sinceStart(),
    }),
  };
}

/** The measures as clients see them. */
export function toUsageAndTimings(
  measures: Measures | null,
): Pick<MessageInitShape<typeof DoneSchema>, "usage" | "timings"> {
  const { inputTokens = 0, outputTokens = 0, retrievalMs = 0, firstDeltaMs = 0, totalMs = 0 } = measures ?? {};
  return {
    usage: { inputTokens, outputTokens },
    timings: { retrieval: toDuration(retrievalMs), firstDelta: toDuration(firstDeltaMs), total: toDuration(totalMs) },
  };
}

/** Whole microseconds, since a fraction of a nanosecond cannot be written. */
function toDuration(ms: number): { seconds: bigint; nanos: number } {
  const micros = Math.round(ms * 1000);
  return { seconds: BigInt(Math.floor(micros / 1e6)), nanos: (micros % 1e6) * 1000 };
}
