import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TimingsSchema } from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";

/** Tells how long the parts of an answer took. */
export type Clock = {
  /** Notes when a part was reached; only the first time counts. */
  mark(part: "retrieval" | "firstDelta"): void;
  timings(): MessageInitShape<typeof TimingsSchema>;
};

export function startClock(): Clock {
  const start = performance.now();
  const marks = new Map<string, number>();
  const sinceStart = () => performance.now() - start;
  return {
    mark: (part) => void (marks.has(part) || marks.set(part, sinceStart())),
    timings: () => ({
      retrieval: toDuration(marks.get("retrieval") ?? 0),
      firstDelta: toDuration(marks.get("firstDelta") ?? 0),
      total: toDuration(sinceStart()),
    }),
  };
}

/** Whole microseconds, since a fraction of a nanosecond cannot be written. */
function toDuration(ms: number): { seconds: bigint; nanos: number } {
  const micros = Math.round(ms * 1000);
  return { seconds: BigInt(Math.floor(micros / 1e6)), nanos: (micros % 1e6) * 1000 };
}
