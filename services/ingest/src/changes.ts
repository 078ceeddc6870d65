import { randomUUID } from "node:crypto";
import type { Database, Transaction } from "@lyceum/database";
import type { EventLog } from "@lyceum/events";

/** A document that has changed. */
export type Change = { readonly fileId: string; readonly ownerId: string };

/** Tells watchers which documents have changed, in this process at once and in others by signal. */
export interface Changes extends AsyncDisposable {
  /** Tells of the change when `tx` has committed. */
  announce(tx: Transaction, change: Change): void;
  /** Tells of a change that is committed. */
  announceNow(change: Change): void;
  /** Gathers the changes that `concerns` from now on. */
  listen(concerns: (change: Change) => boolean): Listener;
}

/** Gathers changes between two looks. */
export interface Listener extends Disposable {
  /** The files that have changed since the last look; waits for one, but no longer than `timeoutMs` or the signal. */
  take(timeoutMs: number, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

const topic = "ingest.documents";

export async function openChanges(database: Database, events: EventLog): Promise<Changes> {
  const self = randomUUID();
  const listeners = new Set<(change: Change) => void>();
  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  const remote = await events.onSignal(topic, (ownerId, bytes) => {
    const [sender = "", fileId = ""] = new TextDecoder().decode(bytes).split(" ");
    if (sender !== self) tell({ ownerId, fileId });
  });
  const announceNow = (change: Change) => {
    tell(change);
    // A lost signal delays a watcher until its next look; it needs no answer.
    events.signal(topic, change.ownerId, new TextEncoder().encode(`${self} ${change.fileId}`)).catch(() => {});
  };
  return {
    announceNow,
    announce: (tx, change) => database.afterCommit(tx, () => announceNow(change)),
    listen: (concerns) => createListener(listeners, concerns),
    [Symbol.asyncDispose]: () => remote[Symbol.asyncDispose](),
  };
}

function createListener(listeners: Set<(change: Change) => void>, concerns: (change: Change) => boolean): Listener {
  let changed = new Set<string>();
  let wake = () => {};
  const onChange = (change: Change) => {
    if (!concerns(change)) return;
    changed.add(change.fileId);
    wake();
  };
  listeners.add(onChange);
  return {
    async take(timeoutMs, signal) {
      if (changed.size === 0 && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, timeoutMs);
        wake = resolve;
        signal.addEventListener("abort", wake);
        await promise;
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
      }
      const taken = changed;
      changed = new Set();
      return taken;
    },
    [Symbol.dispose]: () => {
      listeners.delete(onChange);
    },
  };
}
