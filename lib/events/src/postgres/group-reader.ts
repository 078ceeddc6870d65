import { applyBatch, passOver } from "../apply-batch.ts";
import { openCursors } from "../cursors.ts";
import type { Group } from "../delivery.ts";
import { disposeAll } from "../dispose-all.ts";
import type { LoggedEvent } from "../event-record.ts";
import { type Log, type Loop, startLoop } from "../loop.ts";
import type { Ends } from "./ends.ts";
import { missedMs, type Reads, readSize } from "./reads.ts";

const idleMs = 60_000;
const otherMemberMs = 500;
/** How often the cursor is moved over events that are of no concern to the group. */
const passMs = 250;

/** Delivers one topic to a group until disposed: a loop for each partition. */
export async function startGroupReader(
  { group, topic, onParked, log }: { group: Group; topic: string; onParked: () => void; log: Log | undefined },
  reads: Reads,
  onEnd: Ends["onEnd"],
): Promise<AsyncDisposable> {
  const positions = await openCursors(group, topic, await reads.readEnds(topic));
  const loops: Loop[] = [];
  // Heard before the first read, so that nothing comes between them.
  const ends: number[] = [];
  const hearing = onEnd(topic, (partition, end) => {
    ends[partition] = end;
    loops[partition]?.wake();
  });
  for (const [partition, start] of positions.entries()) {
    let position = start;
    // Where the cursor is, as far as this member knows; up to the position, nothing is of concern to the group.
    let cursor = start;
    let passedAtMs = Number.NEGATIVE_INFINITY;
    const pass = async (records: readonly LoggedEvent[]) => {
      position += records.length;
      if (records.length === readSize) return 0;
      if (position < (ends[partition] ?? 0)) return missedMs;
      if (position === cursor) return idleMs;
      const restMs = passedAtMs + passMs - performance.now();
      if (restMs > 0) return restMs;
      const next = await passOver(group, topic, partition, cursor, position);
      if (next === undefined) return otherMemberMs;
      const isThere = next === position;
      position = cursor = next;
      passedAtMs = performance.now();
      return isThere ? idleMs : 0;
    };
    const step = async () => {
      const records = await reads.read(topic, partition, position);
      if (!records.some(({ type }) => group.handlers.has(type))) return pass(records);
      const outcome = await applyBatch(group, topic, partition, records, cursor);
      if (outcome.next === undefined) return otherMemberMs;
      position = cursor = outcome.next;
      if (outcome.parked > 0) onParked();
      if (outcome.missing !== undefined) throw outcome.missing;
      return 0;
    };
    loops.push(startLoop(step, { group: group.name, topic, partition }, log));
  }
  return disposeAll([hearing, ...loops]);
}
