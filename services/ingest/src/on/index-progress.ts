import type { Transaction } from "@lyceum/database";
import { type EventHandler, projection } from "@lyceum/events";
import { documentIndexFailed } from "@lyceum/gen/events/lyceum/rag/v1/document_index_failed.ts";
import { documentIndexed } from "@lyceum/gen/events/lyceum/rag/v1/document_indexed.ts";
import { documentSearchable } from "@lyceum/gen/events/lyceum/rag/v1/document_searchable.ts";
import type { Context } from "../context.ts";
import { type DocumentStatus, indexed, indexFailed, type RevisedStatus, searchable } from "../document.ts";
import { lockDocument, updateDocument } from "../store.ts";

type Rule = (status: RevisedStatus, revision: number) => DocumentStatus | undefined;

/** Projections: how far rag is with a document. News of a revision that was replaced changes nothing. */
export const onIndexProgress = (ctx: Context): EventHandler[] => [
  projection(documentSearchable, ({ data }, tx) => apply(ctx, tx, data, searchable)),
  projection(documentIndexed, ({ data }, tx) => apply(ctx, tx, data, indexed)),
  projection(documentIndexFailed, ({ data }, tx) => apply(ctx, tx, data, indexFailed)),
];

async function apply(
  ctx: Context,
  tx: Transaction,
  { fileId, revision }: { fileId: string; revision: number },
  rule: Rule,
): Promise<void> {
  const row = await lockDocument(tx, fileId);
  const status = row && rule(row, revision);
  if (!row || !status) return;
  const { state, stage, searchable, progress, failureReason } = status;
  await updateDocument(tx, fileId, { state, stage, searchable, progress, failureReason });
  ctx.changes.announce(tx, row);
}
