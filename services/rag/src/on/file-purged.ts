import { type EventHandler, projection } from "@lyceum/events";
import { filePurged } from "@lyceum/gen/events/lyceum/files/v1/file_purged.ts";
import { eraseFileFromAnswers } from "../answer-store.ts";
import type { Context } from "../context.ts";
import { forgetFile } from "../forget-file.ts";
import { buryEntry } from "../index-store.ts";
import { requestForgetting } from "../jobs/forget-vectors.ts";
import { embedKind, indexKind } from "../jobs/index-payload.ts";

/** Projection: nothing made of a purged file is left, in the index, in answers or in memory; a tombstone keeps it so. */
export const onFilePurged = (ctx: Context): EventHandler =>
  projection(filePurged, async ({ data: { fileId } }, tx) => {
    await buryEntry(tx, fileId);
    for (const kind of [indexKind, embedKind]) await ctx.jobs.cancel(tx, kind, fileId);
    await eraseFileFromAnswers(tx, fileId);
    await requestForgetting(ctx, tx, fileId);
    forgetFile(ctx, tx, fileId);
  });
