import type { Transaction } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";
import type { Context } from "./context.ts";
import type { Searcher } from "./searching/searcher.ts";

const topic = "rag.forgotten";

/** Has every process let go of what it has in memory of a file, once `tx` has committed. */
export function forgetFile(
  { database, events }: Pick<Context, "database" | "events">,
  tx: Transaction,
  fileId: string,
): void {
  // Lost, it leaves a few kilobytes in memory that no search reaches, until others take their place.
  database.afterCommit(tx, () => void events.signal(topic, fileId, new Uint8Array()).catch(() => {}));
}

/** Lets go of files that any process says are to be forgotten. */
export function hearForgotten(events: EventLog, searcher: Searcher): Promise<AsyncDisposable> {
  return events.onSignal(topic, (fileId) => searcher.drop([fileId]));
}
