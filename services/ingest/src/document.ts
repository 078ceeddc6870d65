import type { FailureReason } from "./parsers/failure.ts";

/** How far a file is on its way to being searchable. */
export type DocumentStatus = {
  readonly state: "QUEUED" | "PARSING" | "INDEXING" | "READY" | "FAILED";
  readonly stage: string;
  readonly searchable: boolean;
  /** Of the whole way, 0 to 1. */
  readonly progress: number;
  readonly pageCount: number;
  readonly passageCount: number;
  readonly failureReason: FailureReason | null;
};

/** A status with the revision of the passages it speaks of. */
export type RevisedStatus = DocumentStatus & { readonly revision: number };

/** Shares of the whole way that each stage ends at. */
const parsedAt = 0.5;
const searchableAt = 0.7;

/** A file that waits for its turn. */
export const queued: DocumentStatus = {
  state: "QUEUED",
  stage: "waiting",
  searchable: false,
  progress: 0,
  pageCount: 0,
  passageCount: 0,
  failureReason: null,
};

/** A file whose text is being read; `pageCount` 0 until it is known. */
export function parsing(pagesDone: number, pageCount: number): DocumentStatus {
  const share = pageCount > 0 ? pagesDone / pageCount : 0;
  return { ...queued, state: "PARSING", stage: "parsing", progress: parsedAt * share, pageCount };
}

/** A file whose text was read: its passages are a new revision. */
export function parsed(
  revision: number,
  content: { pageCount: number; passageCount: number; failedPages: number },
): RevisedStatus {
  return {
    state: "INDEXING",
    stage: "indexing",
    searchable: false,
    progress: parsedAt,
    pageCount: content.pageCount,
    passageCount: content.passageCount,
    failureReason: content.failedPages > 0 ? "PARTIAL" : null,
    revision: revision + 1,
  };
}

/** A file that could not be read. */
export function failed(reason: FailureReason): DocumentStatus {
  return { ...queued, state: "FAILED", stage: "", failureReason: reason };
}

/** What rag tells about a revision's words being searchable; undefined if that changes nothing. */
export function searchable(status: RevisedStatus, revision: number): DocumentStatus | undefined {
  if (!isIndexing(status, revision) || status.searchable) return undefined;
  return { ...status, stage: "embedding", searchable: true, progress: searchableAt };
}

/** What rag tells about a revision being wholly indexed; undefined if that changes nothing. */
export function indexed(status: RevisedStatus, revision: number): DocumentStatus | undefined {
  if (!isIndexing(status, revision)) return undefined;
  return { ...status, state: "READY", stage: "", searchable: true, progress: 1 };
}

/** What rag tells about a revision it could not index; what was searchable stays so. Undefined if that changes nothing. */
export function indexFailed(status: RevisedStatus, revision: number): DocumentStatus | undefined {
  if (!isIndexing(status, revision)) return undefined;
  return { ...status, state: "FAILED", stage: "", failureReason: "INDEX_FAILED" };
}

function isIndexing(status: RevisedStatus, revision: number): boolean {
  return status.state === "INDEXING" && status.revision === revision;
}

/** What cancelling does: nothing of it is found until it is read anew. Undefined if there is nothing to cancel. */
export function canceled(status: RevisedStatus): RevisedStatus | undefined {
  if (status.state === "READY" || status.state === "FAILED") return undefined;
  // Indexing goes by the revision, and ends where that is replaced.
  return { ...failed("CANCELED"), revision: status.revision + 1 };
}

/** What trashing does to the way: reading stops and would begin anew. Undefined if there is nothing to stop. */
export function stopped(status: DocumentStatus): DocumentStatus | undefined {
  return status.state === "QUEUED" || status.state === "PARSING" ? { ...queued, stage: "stopped" } : undefined;
}

/** What coming back from the trash does: what was stopped begins anew. Undefined if nothing was. */
export function resumed(status: DocumentStatus): DocumentStatus | undefined {
  return status.state === "QUEUED" ? queued : undefined;
}

/** The name of a passage: the revision tells old passages from new ones. */
export const passageId = (fileId: string, revision: number, ordinal: number): string =>
  `${fileId}_${revision}_${ordinal}`;

/** Reads a passage's name; undefined if it is none. */
export function readPassageId(id: string): { fileId: string; revision: number; ordinal: number } | undefined {
  const match = /^(.+)_(\d{1,15})_(\d{1,9})$/.exec(id);
  return match ? { fileId: match[1] as string, revision: Number(match[2]), ordinal: Number(match[3]) } : undefined;
}
