import { applyBatch } from "../apply-batch.ts";
import { openCursors } from "../cursors.ts";
import type { Group } from "../delivery.ts";
import { disposeAll } from "../dispose-all.ts";
import { type Log, type Loop, startLoop } from "../loop.ts";
import type { Ends } from "./ends.ts";
import type { Reads } from "./reads.ts";

const batchSize = 100;
const idleMs = 60_000;
const otherMemberMs = 500;

/** Delivers one topic to a group until disposed: a loop for each partition. */
export async function startGroupReader(
  { group, topic, onParked, log }: { group: Group; topic: string; onParked: () => void; log: Log | undefined },
  reads: Reads,
  onEnd: Ends["onEnd"],
): Promise<AsyncDisposable> {
  const positions = await openCursors(group, topic, await reads.readEnds(topic));
  const loops: Loop[] = [];
  // Heard before the first read, so that nothing comes between them.
  const hearing = onEnd(topic, (partition) => loops[partition]?.wake());
  for (const [partition, start] of positions.entries()) {
    let position = start;
    const step = async () => {
      const records = await reads.read(topic, partition, position, batchSize);
      if (records.length === 0) return idleMs;
      const outcome = await applyBatch(group, topic, partition, records);
      if (outcome.next === undefined) return otherMemberMs;
      position = outcome.next;
      if (outcome.parked > 0) onParked();
      if (outcome.missing !== undefined) throw outcome.missing;
      return 0;
    };
    loops.push(startLoop(step, { group: group.name, topic, partition }, log));
  }
  return disposeAll([hearing, ...loops]);
}
