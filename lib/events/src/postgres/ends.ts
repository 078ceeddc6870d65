import type { Database } from "@lyceum/database";
import { disposeAll } from "../dispose-all.ts";
import { type Log, startLoop } from "../loop.ts";

const channel = "lyceum_events";
const pollMs = 2_000;

/** Where a partition of the log ends: the offset after its last event. */
export type End = { readonly topic: string; readonly partition: number; readonly end: number };

/** Called when a partition is known to have grown. */
export type EndListener = (partition: number, end: number) => void;

/** Knows how far the log has grown: at once for what this process publishes, by NOTIFY or polling for the rest. */
export type Ends = AsyncDisposable & {
  /** Tells this process and the others, in one notification. */
  grew(grown: readonly End[]): void;
  /** Listens to a topic; what is known of it already is told at once. */
  onEnd(topic: string, onEnd: EndListener): Disposable;
};

/** Who tells other processes: `self` tells its notifications from theirs; alone, it has nobody to tell. */
export type Teller = { readonly self: string; readonly isAlone: boolean };

/** Watches the ends of the log in `database`. */
export async function watchEnds(
  { sql, listen }: Database,
  { self, isAlone }: Teller,
  log: Log | undefined,
): Promise<Ends> {
  const ends = new Map<string, number[]>();
  const listeners = new Map<string, Set<EndListener>>();

  function hear({ topic, partition, end }: End): void {
    const known = ends.get(topic) ?? [];
    if (end <= (known[partition] ?? 0)) return;
    known[partition] = end;
    ends.set(topic, known);
    for (const listener of listeners.get(topic) ?? []) listener(partition, end);
  }

  // The safety net for notifications that were lost.
  async function poll(): Promise<number> {
    if (listeners.size > 0) {
      const rows = await sql<End[]>`
        select topic, number as partition, next_offset::float8 as end from partitions
        where topic in ${sql([...listeners.keys()])}`;
      rows.forEach(hear);
    }
    return pollMs;
  }

  const polling = startLoop(poll, { loop: "event log ends" }, log);
  const hearing = await listen(
    channel,
    (payload) => {
      const { from, grown } = JSON.parse(payload) as { from: string; grown: End[] };
      if (from !== self) grown.forEach(hear);
    },
    polling.wake,
  );
  return {
    grew(grown) {
      grown.forEach(hear);
      if (isAlone) return;
      // Others poll if this is lost.
      sql`select pg_notify(${channel}, ${JSON.stringify({ from: self, grown })})`.catch(() => {});
    },
    onEnd(topic, onEnd) {
      const ofTopic = listeners.get(topic) ?? new Set();
      listeners.set(topic, ofTopic.add(onEnd));
      // forEach passes over partitions of which nothing is known.
      ends.get(topic)?.forEach((end, partition) => {
        onEnd(partition, end);
      });
      return { [Symbol.dispose]: () => void ofTopic.delete(onEnd) };
    },
    [Symbol.asyncDispose]: disposeAll([polling, hearing])[Symbol.asyncDispose],
  };
}
