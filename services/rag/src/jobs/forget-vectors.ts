import type { Transaction } from "@lyceum/database";
import type { JobKind } from "@lyceum/service";
import type { Context } from "../context.ts";
import { type EntryRow, findEntry } from "../index-store.ts";

const kind = "forget vectors";
/** By then no process works on the file any more: one that does is told within 10 s that its job was cancelled. */
const againAfterMs = 15_000;

/** Takes a purged file's vectors out of where they are kept apart, however long that cannot be reached. */
export const createForgetJob = ({ database, vectors }: Pick<Context, "database" | "vectors">): JobKind<string> => ({
  kind,
  concurrency: 2,
  maxAttempts: 20,
  async run({ payload: fileId, signal }) {
    await forgetUnwanted({ vectors }, fileId, await findEntry(database.db, fileId), signal);
  },
});

/** Forgets all vectors of a file that is gone, and of one that is not, those of revisions before its own. */
export async function forgetUnwanted(
  { vectors }: Pick<Context, "vectors">,
  fileId: string,
  entry: EntryRow | undefined,
  signal: AbortSignal,
): Promise<void> {
  await vectors.forget(fileId, entry && entry.state !== "PURGED" ? entry.revision : undefined, signal);
}

/** Has a purged file's vectors forgotten now, and once more when no other process can be adding any. */
export async function requestForgetting(
  { jobs, vectors }: Pick<Context, "jobs" | "vectors">,
  tx: Transaction,
  fileId: string,
): Promise<void> {
  if (!vectors.isApart) return;
  await jobs.enqueue(tx, { kind, key: fileId, payload: fileId, lane: "" });
  await jobs.enqueue(tx, { kind, key: `${fileId} again`, payload: fileId, lane: "", delayMs: againAfterMs });
}
