import { type EventHandler, reaction } from "@lyceum/events";
import { fileUploaded } from "@lyceum/gen/events/lyceum/files/v1/file_uploaded.ts";
import type { Context } from "../context.ts";
import { queued } from "../document.ts";
import { enqueueParse } from "../jobs/parse.ts";
import { insertDocument } from "../store.ts";

/** Reaction: a new file gets a document, and a job that reads it. */
export const onFileUploaded = (ctx: Context): EventHandler =>
  reaction(fileUploaded, async ({ data, time }, tx) => {
    const { fileId, ownerId, mediaType, sizeBytes, sha256, version: fileVersion } = data;
    const file = { fileId, ownerId, mediaType, sizeBytes, sha256, fileVersion };
    const row = { ...queued, ...file, createTime: time, updateTime: time };
    if (!(await insertDocument(tx, row))) return;
    await enqueueParse(ctx, tx, row);
    ctx.changes.announce(tx, row);
  });
