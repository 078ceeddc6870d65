import { type Document, DocumentState, DocumentStateSchema, type Failure } from "@lyceum/client";

/** How far a document is, in words. */
export type Stage = {
  readonly tone: "waiting" | "working" | "ready" | "stopped" | "failed";
  readonly label: string;
  /** How much of the whole way is done, 0 to 1; absent once it is over. */
  readonly progress?: number;
  /** Why it failed, or what is missing. */
  readonly detail?: string;
  /** True where reading it once more may help. */
  readonly mayRetry?: boolean;
};

/** A file whose document is not known yet waits. */
export function stageOf(document: Document | undefined): Stage {
  const progress = document?.progress ?? 0;
  switch (document?.state) {
    case DocumentState.PARSING:
      return { tone: "working", label: "Reading", progress };
    case DocumentState.INDEXING:
      return document.searchable
        ? { tone: "ready", label: "Searchable", progress }
        : { tone: "working", label: "Indexing", progress };
    case DocumentState.READY:
      return { tone: "ready", label: "Ready", ...(document.failure && { detail: document.failure.message }) };
    case DocumentState.FAILED:
      return stageOfFailure(document.failure);
    default:
      return { tone: "waiting", label: "Queued", progress };
  }
}

/** What the file itself can't help: reading it once more would end alike for all other reasons. */
const passing = new Set(["TIMEOUT", "OUT_OF_MEMORY", "INTERNAL", "INDEX_FAILED"]);

function stageOfFailure(failure: Failure | undefined): Stage {
  const detail = failure?.message || "It could not be read.";
  if (failure?.reason === "CANCELED") return { tone: "stopped", label: "Stopped", detail, mayRetry: true };
  return { tone: "failed", label: "Not readable", detail, mayRetry: passing.has(failure?.reason ?? "") };
}

/** The state's full proto name, as the API writes it in JSON. */
export function stateName(document: Document | undefined): string {
  return DocumentStateSchema.value[document?.state ?? DocumentState.QUEUED]?.name ?? "";
}
